import PlughookConfiguration
import Core
import Testing

/// One definition on its own, as it comes with a request.
struct WebhookMembersTests {
    private let full = #"""
        {"id": 3, "name": "a\"é", "url": "https://h/x?y", "events": ["unplugged", "online"],
         "description": "two\nlines", "enabled": false, "timeoutMs": 2000, "connectTimeoutMs": 1500}
        """#

    private func definition(_ json: String) throws -> WebhookDefinition {
        try WebhookDefinition(json: Array(json.utf8))
    }

    private func faults(_ body: () throws -> Void) -> [Fault] {
        do {
            try body()
            return []
        } catch {
            return (error as? InvalidConfiguration)?.faults ?? []
        }
    }

    @Test func members_giveTheSameDefinition_whenReadAgain() throws {
        for json in [full, #"{"name": "a", "url": "http://h/", "events": ["online"]}"#] {
            let definition = try definition(json)
            let again = JSONLiteral.object(definition.members).prettyText
            #expect(try WebhookDefinition(json: Array(again.utf8)) == definition)
        }
        #expect(
            try definition(full).members.map(\.key) == [
                "id", "name", "url", "description", "events", "devices", "enabled", "timeoutMs", "connectTimeoutMs",
                "backlog", "format", "template", "secrets", "auth", "headers", "tls", "addresses", "proxy",
            ])
        #expect(try definition(full).members.first { $0.key == "events" }?.value == ["online", "unplugged"])
        let unnumbered = try definition(#"{"name": "a", "url": "http://h/", "events": ["online"]}"#)
        #expect(unnumbered.members.first?.key == "name")
    }

    @Test func faults_areRelativeToTheDefinition_whenItIsOnItsOwn() {
        let json = """
            {"nmae": "a", "url": "ftp://h/", "0": {"x": 1, "x": 2},
             "events": ["online", "online", "is as in /0/"], "secrets": [{}]}
            """
        let told = faults { _ = try definition(json) }
        #expect(
            told.map(\.pointer) == [
                "", "/nmae", "/url", "/0", "/0/x", "/events/1", "/events/2", "/secrets/0",
            ])
        #expect(told.map(\.line) == [1, 1, 1, 1, 1, 2, 2, 2])
        #expect(told.first { $0.pointer == "/events/1" }?.problem == "is the same event as in /events/0")
        #expect(told.first { $0.pointer == "/events/2" }?.problem == #""is as in /0/" is not known here"#)
    }

    @Test(arguments: [("[]", ""), ("null", ""), ("", ""), ("{", ""), ("{}x", "")])
    func definition_isRefused_whenItIsNoObject(_ json: String, _ pointer: String) {
        #expect(faults { _ = try definition(json) }.map(\.pointer) == [pointer])
        #expect(faults { _ = try WebhookPatch(json: Array(json.utf8)) }.map(\.pointer).prefix(1) != ["/0"])
    }

    private func patched(
        _ patch: String, _ json: String? = nil
    ) throws -> (definition: WebhookDefinition, changes: [MemberChange]) {
        try WebhookPatch(json: Array(patch.utf8)).applied(to: definition(json ?? full))
    }

    @Test func patch_setsAndRemoves_andLeavesTheRest() throws {
        let (result, changes) = try patched(#"{"url": "https://new/", "description": null, "events": ["offline"]}"#)
        var expected = try definition(full)
        expected.url = "https://new/"
        expected.description = ""
        expected.events = [.offline]
        #expect(result == expected)
        #expect(
            changes == [.set("url", "https://new/"), .removed("description"), .set("events", ["offline"])])
        #expect(try patched("{}").definition == definition(full))
    }

    @Test func patch_isRefusedWithItsPlaces_whenTheWholeWouldBeWrong() {
        #expect(faults { _ = try patched("{\n \"name\": null}") }.map(\.pointer) == [""])
        #expect(faults { _ = try patched("{\n \"nmae\": null}") }.map(\.pointer) == ["/nmae"])
        #expect(faults { _ = try patched("{\n \"url\": 1}") }.map(\.line) == [2])
        let twice = #"{"url": "http://a/", "url": "http://a/"}"#
        #expect(faults { _ = try patched(twice) }.map(\.pointer) == ["/url"])
        // The part was set by somebody, and is longer than the new whole.
        #expect(faults { _ = try patched("{\"timeoutMs\": 1000}") }.map(\.pointer) == ["/connectTimeoutMs"])
        #expect(faults { _ = try patched("{\"timeoutMs\": 1.5}") }.map(\.pointer) == ["/timeoutMs"])
        #expect(faults { _ = try patched("[1]") }.map(\.problem) == ["is a list"])
    }

    @Test func patch_shortensThePartWithTheWhole_whenNobodyHasSetIt() throws {
        let plain = #"{"name": "a", "url": "http://h/", "events": ["online"], "timeoutMs": 3000}"#
        let (result, changes) = try patched(#"{"timeoutMs": 2000}"#, plain)
        #expect(result.timeout == .seconds(2) && result.connectTimeout == .seconds(2))
        #expect(changes == [.set("timeoutMs", 2000), .removed("connectTimeoutMs")])
        #expect(try patched(#"{"timeoutMs": null}"#, plain).definition.connectTimeout == .seconds(5))
    }

    @Test func changes_makeTheFileSayTheSame_whenAppliedToIt() throws {
        let file = Array(#"{"webhooks": [\#(full)]}"#.utf8)
        for patch in [#"{"enabled": null, "name": "b"}"#, #"{"id": null, "connectTimeoutMs": null}"#, "{}"] {
            let (result, changes) = try patched(patch)
            let bytes = try ConfigurationEdit(of: file).replacing(
                changes, of: WebhookIdentity(id: WebhookID(3), name: ""))
            #expect(try Configuration(json: try #require(bytes)).webhooks == [result])
        }
    }
}
