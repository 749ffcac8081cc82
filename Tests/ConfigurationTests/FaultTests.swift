import PlughookConfiguration
import Testing

struct FaultTests {
    @Test func fault_hasLineAndColumnInCharacters_whenTextBeforeItIsNotASCII() throws {
        let fault = try #require(
            faults(of: "\u{FEFF}{\r\n  \"host\": {\"id\": \"Hà Nội 😀\", \"lables\": {}}\r\n}").first)
        #expect(fault.pointer == "/host/lables")
        #expect(fault.line == 2)
        #expect(fault.column == 30)
        #expect(fault.advice == "did you mean \"labels\"? known here are id, labels")
    }

    @Test func allFaults_areToldInTheOrderOfTheFile_whenThereAreSeveral() {
        let json = """
            {"orgId": -1, "orgid": 2, "delivery": {"maxConcurrent": 257},
             "webhooks": [{"name": "", "events": []}, 5], "devices": {}, "orgId": 3}
            """
        #expect(
            faults(of: json).map(\.pointer) == [
                "/orgId", "/orgid", "/delivery/maxConcurrent", "/webhooks/0", "/webhooks/0/name", "/webhooks/0/events",
                "/webhooks/1", "/devices", "/orgId",
            ])
    }

    @Test func faults_areCutAndCounted_whenThereAreThousands() {
        let told = faults(of: #"{"webhooks": [\#(Array(repeating: "{}", count: 5000).joined(separator: ","))]}"#)
        #expect(told.count == 1001)
        #expect(told.last?.problem == "14000 more faults are not shown")
    }

    @Test func advice_hasTheRange_whenNumberIsOutsideOfIt() throws {
        let fault = try #require(faults(of: #"{"detection": {"unplugSettleMs": 60001}}"#).first)
        #expect(fault.problem == "is 60001")
        #expect(fault.advice == "give a whole number of milliseconds from 0 to 60000")
    }

    @Test func advice_hasZeroAndTheRange_whenNumberIsBetweenThem() throws {
        let fault = try #require(faults(of: #"{"health": {"adb": {"livenessSeconds": 5}}}"#).first)
        #expect(fault.problem == "is 5")
        #expect(fault.advice == "give 0 or a whole number of seconds from 10 to 3600")
    }

    @Test(arguments: ["\"1\"", "1.5", "null", "true", "[1]", "1e400"])
    func number_isRefused_whenItIsNoWholeNumber(_ value: String) {
        #expect(faults(of: "{\"orgId\": \(value)}").map(\.pointer) == ["/orgId"])
    }

    @Test func pointer_isEscaped_whenKeyHasSlashOrTilde() {
        #expect(faults(of: #"{"a/b~c": 1}"#).map(\.pointer) == ["/a~1b~0c"])
    }

    @Test(arguments: ["[]", "5", "null", "\"{}\""])
    func document_isRefused_whenItIsNoObject(_ json: String) {
        #expect(faults(of: json).map(\.pointer) == [""])
    }

    @Test func text_isOneSafeLine_whenKeyHasControlCharacters() throws {
        let fault = try #require(faults(of: #"{"a\u001b[31m\n\u202e": 1}"#).first)
        let text = fault.text(in: "/etc/x\u{7}.json")
        #expect(
            text.hasPrefix(
                #"/etc/x\u{7}.json:1:2: /a\u{1b}[31m\u{a}\u{202e}: the key "a\u{1b}[31m\u{a}\u{202e}" is not"#))
        #expect(!text.contains("\n"))
    }

    @Test func text_isShort_whenKeyIsLong() throws {
        let key = String(repeating: "k", count: 100_000)
        let fault = try #require(faults(of: "{\"\(key)\": 1}").first)
        #expect(fault.pointer.count == 100_001)
        #expect(fault.text(in: "f").count < 600)
    }

    @Test func faults_neverShowSecrets_whenSecretsAreInThem() {
        let documents = [
            webhook(
                #""secrets": [{"value": ["S3CRET"]}, {"value": "S3CRET\t"}], "auth": {"bearer": "S3CRET"}, "headers": {"X": "S3CRET"}"#
            ),
            #"{"webhooks": [{"name": "a", "url": "https://u:S3CRET@h/?q=S3CRET", "events": ["online"]}]}"#,
            #"{"webhooks": [{"name": "a", "url": "https://h/S3CRET?token=S3CRET #", "events": ["online"]}]}"#,
            #"{"webhooks": [{"name": "a", "url": ["https://h/S3CRET"], "events": ["online"]}]}"#,
            webhook(#""auth": "S3CRET", "secrets": "S3CRET", "headers": ["S3CRET"], "tls": "S3CRET""#),
            #"{"webhooks": [{"secrets": ["S3CRET" "S3CRET"]}]}"#,
        ]
        for json in documents {
            #expect(!faults(of: json).isEmpty)
            for fault in faults(of: json) { #expect(!fault.text(in: "f").contains("S3CRET"), "\(fault)") }
        }
    }

    @Test(arguments: [
        ("unplugSettelMs", "unplugSettleMs"), ("unplug_settle_ms", "unplugSettleMs"), ("RECONCILEMS", "reconcileMs"),
        ("unlisted", nil), ("x", nil), ("", nil),
    ])
    func nearestKey_isAdvised_whenOneIsNear(_ key: String, _ nearest: String?) throws {
        let fault = try #require(faults(of: "{\"detection\": {\"\(key)\": 1}}").first)
        #expect(
            fault.advice.hasPrefix(nearest.map { "did you mean \"\($0)\"?" } ?? "remove it: known here are hotplug,"))
    }
}
