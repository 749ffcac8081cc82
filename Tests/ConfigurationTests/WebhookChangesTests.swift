import Core
import PlughookConfiguration
import Testing

/// What a request changes of a definition in the file.
struct WebhookChangesTests {
    private let file = #"""
        {
          "webhooks": [
            { "name": "a", "url": "http://h/a", "events": ["online"], "timeoutMs": 9000, "description": "old" },
            { "id": 7, "name": "b", "url": "http://h/b", "events": ["offline"] }
          ]
        }
        """#

    private func edited(
        _ webhook: WebhookIdentity, by json: String, isPatch: Bool
    ) throws -> (file: String, definition: WebhookDefinition) {
        let document = try ConfigurationEdit(of: Array(file.utf8))
        let index = try #require(document.configuration.webhooks.firstIndex(of: webhook))
        let (definition, changes) = try document.configuration.webhooks[index].changes(
            by: Array(json.utf8), isPatch: isPatch, ignoring: ["waiting"])
        let bytes = try #require(document.replacing(changes, of: webhook))
        let after = try Configuration(json: bytes)
        #expect(after.webhooks[index] == definition)
        return (String(decoding: bytes, as: UTF8.self), definition)
    }

    @Test func wholeDefinition_ReplacesTheOld_AndWritesNoDefaults() throws {
        let (text, definition) = try edited(
            WebhookIdentity(id: nil, name: "a"),
            by:
                #"{"name": "a", "url": "http://h/new", "events": ["online", "offline"], "enabled": true, "waiting": 3}"#,
            isPatch: false)
        #expect(definition.timeout == WebhookDefinition().timeout)
        #expect(text.contains(#"{ "name": "a", "url": "http://h/new", "events": ["online", "offline"] }"#))
        #expect(text.contains(#"{ "id": 7, "name": "b", "url": "http://h/b", "events": ["offline"] }"#))
    }

    @Test func patch_ChangesWhatItNames() throws {
        let (text, _) = try edited(
            WebhookIdentity(id: WebhookID(7), name: "b"), by: #"{"enabled": false, "waiting": 3}"#, isPatch: true)
        #expect(
            text.contains(#"{ "id": 7, "name": "b", "url": "http://h/b", "events": ["offline"], "enabled": false }"#))
    }

    @Test(arguments: [true, false]) func faults_AreAllTold_AndNothingElseIsIgnored(_ isPatch: Bool) throws {
        let json = #"{"name": "", "url": "ftp://h", "events": [], "inFlight": 1}"#
        let definition = try Configuration(json: Array(file.utf8)).webhooks[0]
        var pointers: [String] = []
        do {
            _ = try definition.changes(by: Array(json.utf8), isPatch: isPatch, ignoring: ["waiting"])
        } catch {
            pointers = error.faults.map(\.pointer)
        }
        #expect(pointers == ["/name", "/url", "/events", "/inFlight"])
    }

    @Test func tag_IsTheSame_ForTheSameDefinitionOnly() throws {
        let webhooks = try Configuration(json: Array(file.utf8)).webhooks
        #expect(webhooks[0].tag != webhooks[1].tag)
        var other = webhooks[0]
        #expect(other.tag == webhooks[0].tag)
        other.isEnabled.toggle()
        #expect(other.tag != webhooks[0].tag)
    }
}
