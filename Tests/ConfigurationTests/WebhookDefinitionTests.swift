import PlughookConfiguration
import Core
import Testing

struct WebhookDefinitionTests {
    private func named(_ names: String...) -> [Fault] {
        let elements = names.map { #"{"name": "\#($0)", "url": "https://h/", "events": ["online"]}"# }
        return faults(of: #"{"webhooks": [\#(elements.joined(separator: ","))]}"#)
    }

    @Test func name_isCountedInCodePoints_whenItHasOthersThanASCII() {
        #expect(named(String(repeating: "😀", count: 50)).isEmpty)
        // Two code points, one visible character.
        #expect(named(String(repeating: "e\u{301}", count: 25)).isEmpty)
        #expect(named(String(repeating: "e\u{301}", count: 25) + "e").map(\.problem) == ["has 51 characters"])
    }

    @Test(arguments: ["", #"\u0000"#, #"a\nb"#, #"\u007f"#, #"\u0085"#])
    func name_isRefused_whenEmptyOrWithControlCharacters(_ name: String) {
        #expect(named(name).map(\.pointer) == ["/webhooks/0/name"])
    }

    @Test func names_areComparedByBytes_whenTheyLookAlike() {
        #expect(named("a", "A", "é", #"e\u0301"#).isEmpty)
        #expect(named("a", "b", "a").map(\.pointer) == ["/webhooks/2/name"])
        #expect(named("a", "b", "a").map(\.problem) == ["is the same name as in /webhooks/0"])
    }

    @Test func nothingElse_isTold_whenTwoNamesAreMissing() {
        let nameless = #"{"url": "https://h/", "events": ["online"]}"#
        let told = faults(of: #"{"webhooks": [\#(nameless), \#(nameless)]}"#)
        #expect(told.map(\.pointer) == ["/webhooks/0", "/webhooks/1"])
    }

    @Test(arguments: ["0", "-1", "9007199254740992", "1.5", "\"1\""])
    func id_isRefused_whenOutsideItsRange(_ id: String) {
        #expect(faults(of: webhook("\"id\": \(id)")).map(\.pointer) == ["/webhooks/0/id"])
    }

    @Test func id_isRefused_whenTwoHaveIt() {
        let json = """
            {"webhooks": [{"id": 1, "name": "a", "url": "https://h/", "events": ["online"]},
                          {"id": 1.0, "name": "b", "url": "https://h/", "events": ["online"]}]}
            """
        #expect(faults(of: json).map(\.pointer) == ["/webhooks/1/id"])
    }

    @Test(arguments: [
        ("[]", "/webhooks/0/events"), (#"["online", "online"]"#, "/webhooks/0/events/1"),
        (#"["Online"]"#, "/webhooks/0/events/0"),
        (#""online""#, "/webhooks/0/events"), ("[1]", "/webhooks/0/events/0"),
    ])
    func events_areRefused_whenNoneUnknownOrTwice(_ events: String, _ pointer: String) {
        let json = #"{"webhooks": [{"name": "a", "url": "https://h/", "events": \#(events)}]}"#
        #expect(faults(of: json).map(\.pointer) == [pointer])
    }

    @Test func url_isRefused_whenLongerThan512CodePoints() {
        func url(_ length: Int) -> [Fault] {
            let url = "https://h/" + String(repeating: "a", count: length - 10)
            return faults(of: #"{"webhooks": [{"name": "a", "url": "\#(url)", "events": ["online"]}]}"#)
        }
        #expect(url(512).isEmpty)
        #expect(url(513).map(\.problem) == ["has 513 characters"])
    }

    @Test func description_isRefused_whenLongerThan512CodePoints() {
        #expect(faults(of: webhook(#""description": "\#(String(repeating: "é", count: 512))""#)).isEmpty)
        #expect(!faults(of: webhook(#""description": "\#(String(repeating: "é", count: 513))""#)).isEmpty)
    }

    @Test func connectTimeout_isRefused_whenLongerThanTheWhole() throws {
        #expect(
            faults(of: webhook(#""timeoutMs": 2000, "connectTimeoutMs": 3000"#)).map(\.pointer)
                == ["/webhooks/0/connectTimeoutMs"])
        // Whoever shortens the whole does not have to know of the part.
        let configuration = try Configuration(json: Array(webhook(#""timeoutMs": 2000"#).utf8))
        #expect(configuration.webhooks.map(\.connectTimeout) == [.seconds(2)])
    }

    @Test func webhook_hasTheDefinitionsValues_whenItsNumberIsKnown() throws {
        let definition = try #require(try Configuration(json: Array(webhook().utf8)).webhooks.first)
        #expect(
            definition.webhook(id: WebhookID(7))
                == Webhook(id: WebhookID(7), name: "a", url: "https://h.example/", events: [.online]))
    }
}
