import Core
import Foundation
import TestSupport
import Testing

@testable import PlughookConfiguration

/// Where secrets are, and what becomes of those that cannot be used.
@Suite struct SecretTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/config.json" }

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ name: String, _ text: String, mode: Int = 0o640) throws {
        let path = directory.path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func load(_ secrets: String) throws -> Configuration {
        try write("config.json", webhook("\"secrets\": \(secrets)"))
        return try ConfigurationFile.load(path: path)
    }

    private func fault(_ secrets: String) throws -> Fault {
        do {
            _ = try load(secrets)
        } catch ConfigurationError.invalid(_, let faults) {
            #expect(faults.count == 1)
            return try #require(faults.first)
        }
        throw CocoaError(.featureUnsupported)
    }

    @Test func files_AreReadBesideTheConfiguration_OrByTheirPath() throws {
        try write("a", Self.secret + "\n")
        try FileManager.default.createDirectory(atPath: directory.path + "/sub", withIntermediateDirectories: false)
        try write("sub/b", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
        let configuration = try load(
            #"[{"file": "a"}, {"file": "sub/b"}, {"file": "\#(directory.path)/a", "notAfter": "2030-01-01T00:00:00Z"}]"#
        )
        let keys = configuration.webhooks[0].keys
        #expect(keys.map(\.bytes.count) == [24, 24, 24])
        #expect(keys[0].bytes.prefix(3) == [0x31, 0xf2, 0x90] && keys[0].bytes == keys[2].bytes)
        #expect(keys.map { $0.notAfter?.milliseconds } == [nil, nil, 1_893_456_000_000])
        // The webhook that is delivered to has them, and what is shown and stored of it has not.
        #expect(configuration.webhooks[0].webhook(id: WebhookID(1)).keys == keys)
        #expect(!"\(configuration.literal) \(configuration.webhooks[0].members) \(configuration)".contains("MfKQ"))
    }

    private func keys(_ secrets: String, _ environment: [String: String]) throws -> [SigningKey] {
        let source = Array(webhook("\"secrets\": \(secrets)").utf8)
        let configuration = try Configuration(json: source)
        return try configuration.withKeys(
            beside: path, source: source, at: WallTime(milliseconds: 1_800_000_000_000)
        ) { environment[$0] }.webhooks[0].keys
    }

    @Test func variables_AreRead() throws {
        #expect(try keys(#"[{"env": "S_1"}]"#, ["S_1": Self.secret]).map(\.bytes.count) == [24])
        let fault = try fault(#"[{"env": "PLUGHOOK_NO_SUCH_VARIABLE"}]"#)
        #expect(fault.pointer == "/webhooks/0/secrets/0")
        #expect(fault.problem.contains("PLUGHOOK_NO_SUCH_VARIABLE is not in the environment"))
    }

    /// The end of a rotation, and its clean-up: the file may go once the secret is not used any more.
    @Test func secretThatIsOver_IsNotRead() throws {
        let over = #"{"file": "no such file", "notAfter": "2020-01-01T00:00:00Z"}"#
        let keys = try keys(#"[{"env": "S"}, \#(over)]"#, ["S": Self.secret])
        #expect(keys.map(\.notAfter) == [nil])
        try write("a", Self.secret)
        #expect(
            try fault(#"[{"file": "no such file", "notAfter": "2999-01-01T00:00:00Z"}, {"file": "a"}]"#).pointer != "")
    }

    @Test(arguments: ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "sub/whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func secretInThePlaceOfAFile_IsNotRepeated(_ name: String) throws {
        let given = name.hasPrefix("sub") ? name : "whsec_" + name
        let fault = try fault(#"[{"file": "\#(given)"}]"#)
        #expect(!"\(fault)".contains("MfKQ"))
        #expect(fault.problem.contains("a secret, and no name of a file"))
    }

    @Test func password_IsTakenAsItIs_ButForOneLineEnd() throws {
        func password(_ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: directory.path + "/p"))
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: directory.path + "/p")
            return try SecretReference(.file("p")).text(beside: path) { _ in nil }
        }
        #expect(try password(Array(" open sesame \n".utf8)) == " open sesame ")
        #expect(try password(Array("a\r\n".utf8)) == "a")
        #expect(try password(Array("a\n\n".utf8)) == "a\n")
        let objection = #expect(throws: Objection.self) { _ = try password([0x61, 0xff]) }
        #expect(objection?.problem.contains("no text in UTF-8") == true)
        let large = #expect(throws: Objection.self) { _ = try password(Array(repeating: 0x61, count: 5000)) }
        #expect(large?.problem.contains("is larger than 4 KiB") == true)
    }

    @Test func strangePlaces_AreThoseThatWereNotMadeForAWebhook() throws {
        func definition(_ members: String) throws -> WebhookDefinition {
            try WebhookDefinition(
                json: Array(#"{"name": "a", "url": "http://h/", "events": ["online"], \#(members)}"#.utf8))
        }
        let strange = [
            (#""secrets": [{"file": "/etc/shadow"}]"#, "the file \"/etc/shadow\""),
            (#""secrets": [{"file": "good"}, {"file": "../x"}]"#, "the file \"../x\""),
            (#""auth": {"bearer": {"env": "HOME"}}"#, "the variable HOME"),
            (#""format": "template", "template": {"file": "/tmp/x.mustache"}"#, "the file \"/tmp/x.mustache\""),
            (#""auth": {"basic": {"user": "u", "password": {"file": "./p"}}}"#, "the file \"./p\""),
        ]
        for (members, words) in strange {
            let new = try definition(members)
            let said = try #require(new.strangePlace(beside: nil))
            #expect(said.filter { $0 != "\"" } == words.filter { $0 != "\"" })
            // What is in the file already has been written there by hand.
            #expect(new.strangePlace(beside: new) == nil)
        }
        let own =
            #""secrets": [{"file": "ci-secret"}], "auth": {"bearer": {"env": "PLUGHOOK_TOKEN"}}, "#
            + #""format": "template", "template": {"file": "x.mustache"}"#
        #expect(try definition(own).strangePlace(beside: nil) == nil)
    }

    @Test func credentials_GoBeforeTheFileBesideTheConfiguration() throws {
        try FileManager.default.createDirectory(atPath: directory.path + "/sub", withIntermediateDirectories: false)
        try write("sub/a", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", mode: 0o400)
        try write("a", Self.secret)
        try write("b", Self.secret)
        let keys = try keys(#"[{"file": "a"}, {"file": "b"}]"#, ["CREDENTIALS_DIRECTORY": directory.path + "/sub"])
        #expect(keys.map(\.bytes.first) == [0x0b, 0x31])
    }

    @Test(arguments: [
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "23 bytes"), ("whsec_", "0 bytes"), ("", "0 bytes"),
        ("whsec_not base64!", "no base64"), ("v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no base64"),
        ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "another kind"),
        (String(repeating: "AAAA", count: 22), "66 bytes"), (String(repeating: "x", count: 5_000), "larger"),
    ])
    func secretThatIsNone_IsAFaultThatDoesNotShowIt(text: String, says: String) throws {
        try write("a", text)
        let fault = try fault(#"[{"file": "a"}]"#)
        #expect(fault.pointer == "/webhooks/0/secrets/0" && fault.line == 1)
        #expect(fault.problem.contains(says), "\(fault)")
        #expect(text.isEmpty || !"\(fault)".contains("MfKQ"))
    }

    @Test(arguments: ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr=="])
    func padding_MayBeMissing(text: String) throws {
        try write("a", text)
        #expect(try load(#"[{"file": "a"}]"#).webhooks[0].keys.map(\.bytes.count) == [25])
    }

    @Test(arguments: [0o644, 0o604, 0o660, 0o602]) func fileThatOthersReach_IsRefused_WithTheMend(mode: Int) throws {
        try write("a", Self.secret, mode: mode)
        let fault = try fault(#"[{"file": "a"}]"#)
        #expect(fault.problem.contains("others may read or write"))
        #expect(fault.advice == "run: chmod 640 \(directory.path)/a")
    }

    @Test func fileThatIsMissing_IsTold_WithHowToMakeOne() throws {
        let missing = try fault(#"[{"file": "a"}]"#)
        #expect(missing.problem == "the secret's file \(directory.path)/a: there is no such file")
        #expect(missing.advice.contains("plughook webhooks secret new > \(directory.path)/a"))
        #expect(try fault(#"[{"file": "/"}]"#).problem.hasSuffix("is a directory"))
    }

    @Test(arguments: [
        (#"[{}]"#, "/webhooks/0/secrets/0"), (#"[{"file": "a", "env": "B"}]"#, "/webhooks/0/secrets/0"),
        (#"[{"env": "1B"}]"#, "/webhooks/0/secrets/0/env"), (#"["a"]"#, "/webhooks/0/secrets/0"),
        (#"[{"file": "a"}, {"file": "a"}]"#, "/webhooks/0/secrets/1/file"),
        (#"[{"file": "a", "notAfter": "2030-01-01T00:00:00Z"}]"#, "/webhooks/0/secrets"),
        (#"[{"file": "a", "notAfter": "soon"}]"#, "/webhooks/0/secrets/0/notAfter"),
        (#"[{"value": ""}]"#, "/webhooks/0/secrets/0/value"), (#"[{"value": 1}]"#, "/webhooks/0/secrets/0/value"),
        (#"[{"file": "a", "value": "b"}]"#, "/webhooks/0/secrets/0"),
    ])
    func wrongReference_IsToldWhereItIs(secrets: String, pointer: String) {
        #expect(faults(of: webhook("\"secrets\": \(secrets)")).map(\.pointer) == [pointer])
    }

    // MARK: - In the file itself

    private func loadInline(mode: Int, secret: String = secret) throws -> Configuration {
        let secrets = #"[{"value": "\#(secret)"}]"#
        try write(
            "config.json", webhook(#""secrets": \#(secrets), "auth": {"bearer": {"value": "\#(secret)"}}"#), mode: mode)
        return try ConfigurationFile.load(path: path)
    }

    @Test(arguments: [0o600, 0o640, 0o400]) func secretInTheFile_IsUsed_WhenOthersCannotReadIt(mode: Int) throws {
        let configuration = try loadInline(mode: mode)
        let webhook = configuration.webhooks[0]
        #expect(webhook.keys.map(\.bytes.count) == [24])
        #expect(webhook.authorization?.header == "Bearer \(Self.secret)")
        var dumped = ""
        dump(configuration.webhooks[0].secrets, to: &dumped)
        dump(configuration.webhooks[0].authentication, to: &dumped)
        #expect(!"\(configuration.literal) \(webhook.members) \(webhook.secrets) \(dumped)".contains("MfKQ"))
        #expect(try loadInline(mode: mode, secret: "C2FVsBQIhrscChlQIMV+b5sSYspob7oD") != configuration)
    }

    @Test(arguments: [0o644, 0o660, 0o604]) func secretInTheFile_IsRefused_WhenOthersAreLetIn(mode: Int) throws {
        do {
            _ = try loadInline(mode: mode)
            Issue.record("it was taken")
        } catch ConfigurationError.invalid(_, let faults) {
            #expect(faults.map(\.pointer) == ["/webhooks/0/secrets/0", "/webhooks/0/auth"])
            for fault in faults {
                #expect(fault.problem == "others may read or write the secret in \(path)")
                #expect(fault.advice == "run: chmod 640 \(path)")
            }
        }
    }

    @Test func secretInTheFile_ThatIsNone_IsToldWithoutIt() throws {
        let fault = try #require(throws: ConfigurationError.self) { try loadInline(mode: 0o600, secret: "S3CRET!") }
        #expect(fault.description.contains("the secret is no base64") && !fault.description.contains("S3CRET"))
    }

    // MARK: - Edits

    private static let inline = webhook(#""secrets": [{"value": "whsec_x"}], "auth": {"bearer": {"value": "t"}}"#)

    private func edit(_ json: String, isPatch: Bool) throws -> [MemberChange] {
        let old = try Configuration(json: Array(Self.inline.utf8)).webhooks[0]
        return try old.changes(by: Array(json.utf8), isPatch: isPatch, ignoring: []).changes
    }

    @Test func secretInTheFile_StaysAsItIs_WhenWhatIsShownOfItIsSentBack() throws {
        #expect(try edit(#"{"description": "x"}"#, isPatch: true).map(\.key) == ["description"])
        let shown = #""secrets": [{"value": "(not shown)"}], "auth": {"bearer": {"value": "(not shown)"}}"#
        #expect(try edit("{\(shown)}", isPatch: true) == [])
        let whole = #"{"name": "a", "url": "http://h/", "events": ["online"], \#(shown)}"#
        #expect(try edit(whole, isPatch: false).allSatisfy { !["secrets", "auth"].contains($0.key) })
        // Without them, they are to go.
        #expect(
            try edit(#"{"name": "a", "url": "http://h/", "events": ["online"]}"#, isPatch: false)
                .filter { $0.value == nil }.map(\.key).contains("secrets"))
        #expect(try edit(#"{"secrets": []}"#, isPatch: true) == [.set("secrets", [])])
    }

    @Test(arguments: [
        #"{"secrets": [{"value": "whsec_y"}]}"#, #"{"secrets": [{"file": "a"}, {"value": "(not shown)"}]}"#,
        #"{"secrets": [{"value": "(not shown)"}, {"value": "(not shown)"}]}"#,
    ])
    func secret_IsNotPutIntoTheFile_ByAnEdit(patch: String) throws {
        let error = try #require(throws: InvalidConfiguration.self) { try edit(patch, isPatch: true) }
        #expect(error.faults.map(\.pointer) == ["/secrets"])
        #expect(error.faults.map(\.problem) == ["would put a secret into the configuration file"])
    }

    @Test func newDefinition_HasNoSecretInTheFile() throws {
        let json = #"{"name": "a", "url": "http://h/", "events": ["online"], "auth": {"bearer": {"value": "t"}}}"#
        let error = try #require(throws: InvalidConfiguration.self) {
            try WebhookDefinition(asked: Array(json.utf8), ignoring: [])
        }
        #expect(error.faults.map(\.pointer) == ["/auth"])
    }

    @Test func noSecret_IsNoFault() throws {
        #expect(try load("[]").webhooks[0].keys.isEmpty)
    }

    @Test func referenceAlone_IsAKeyForACommandLine() throws {
        try write("a", Self.secret)
        #expect(try SecretReference(.file(directory.path + "/a")).key().bytes.count == 24)
        #expect(throws: UnusableSecret.self) { try SecretReference(.file(directory.path + "/b")).key() }
    }
}
