import Core
import PlughookConfiguration
import Testing

/// The phones of a webhook, as the file says them.
struct DeviceScopeKindTests {
    @Test func scope_IsReadWhole_AndWrittenAgain() throws {
        let json = webhook(
            #""devices": {"udids": ["a"], "names": ["Pix*"], "platforms": ["ios"], "labels": {"t": "p"}, "ports": ["1-4.*"]}"#
        )
        let scope = try Configuration(json: Array(json.utf8)).webhooks[0].scope
        var expected = DeviceScope()
        expected.udids = ["a"]
        expected.names = [Glob("Pix*")]
        expected.platforms = [.ios]
        expected.labels = ["t": "p"]
        expected.ports = [Glob("1-4.*")]
        #expect(scope == expected)
        #expect(try Configuration(json: Array(webhook(#""devices": {}"#).utf8)).webhooks[0].scope.isEverything)
    }

    @Test(arguments: [
        (#"{"udid": ["a"]}"#, "/udid"), (#"{"udids": []}"#, "/udids"), (#"{"udids": ["a", "a"]}"#, "/udids/1"),
        (#"{"names": "Pix*"}"#, "/names"), (#"{"names": [""]}"#, "/names/0"),
        (#"{"platforms": ["phone"]}"#, "/platforms/0"),
        (#"{"labels": ["team"]}"#, "/labels"), (#"{"ports": [7]}"#, "/ports/0"), (#"[]"#, ""),
    ])
    func wrongScope_IsToldWhereItIs(scope: String, pointer: String) {
        #expect(faults(of: webhook("\"devices\": \(scope)")).map(\.pointer) == ["/webhooks/0/devices" + pointer])
    }

    private func patched(_ old: String, by patch: String) throws -> (DeviceScope, String) {
        let file = webhook("\"devices\": \(old)")
        let document = try ConfigurationEdit(of: Array(file.utf8))
        let identity = WebhookIdentity(id: nil, name: "a")
        let (definition, changes) = try document.configuration.webhooks[0].changes(
            by: Array(patch.utf8), isPatch: true, ignoring: [])
        let bytes = try #require(document.replacing(changes, of: identity))
        #expect(try Configuration(json: bytes).webhooks[0] == definition)
        return (definition.scope, String(decoding: bytes, as: UTF8.self))
    }

    /// RFC 7396: objects are merged, null takes away, and a list is replaced.
    @Test func patch_MergesTheKinds() throws {
        let old = #"{"names": ["Pix*"], "platforms": ["ios"]}"#
        var (scope, text) = try patched(old, by: #"{"devices": {"platforms": ["android"], "labels": {"t": "p"}}}"#)
        #expect((scope.names, scope.platforms, scope.labels) == ([Glob("Pix*")], [.android], ["t": "p"]))
        (scope, text) = try patched(old, by: #"{"devices": {"names": null}}"#)
        #expect(scope.names == nil && scope.platforms == [.ios] && !text.contains("null"))
        (scope, text) = try patched(old, by: #"{"devices": null}"#)
        #expect(scope.isEverything && !text.contains("devices"))
        (scope, text) = try patched(old, by: #"{"enabled": false}"#)
        #expect(scope.names == [Glob("Pix*")])
    }

    @Test func patch_TellsWhatIsWrongInIt() throws {
        let definition = try Configuration(json: Array(webhook(#""devices": {"names": ["a"]}"#).utf8)).webhooks[0]
        do {
            _ = try definition.changes(
                by: Array(#"{"devices": {"platforms": ["phone"]}}"#.utf8), isPatch: true, ignoring: [])
            Issue.record("it is refused")
        } catch {
            #expect(error.faults.map(\.pointer) == ["/devices/platforms/0"])
            #expect(error.faults.first?.column == 28)
        }
    }
}
