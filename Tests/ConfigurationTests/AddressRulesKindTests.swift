import Core
import PlughookConfiguration
import Testing

@Suite struct AddressRulesKindTests {
    @Test func rules_AreRead_OfHostAndWebhook() throws {
        let json = #"""
            {"delivery": {"addresses": {"deny": ["10.0.0.0/8", "fd00::/8"], "publicOnly": true}},
             "webhooks": [{"name": "a", "url": "http://h/", "events": ["online"], "addresses": {"allow": ["169.254.1.2"]}}]}
            """#
        let configuration = try Configuration(json: Array(json.utf8))
        #expect(
            configuration.delivery.addresses
                == AddressRules(deny: ["10.0.0.0/8", "fd00::/8"].compactMap { AddressRange($0) }, publicOnly: true))
        let webhook = configuration.webhooks[0].webhook(id: WebhookID(1))
        #expect(webhook.addresses == AddressRules(allow: [AddressRange("169.254.1.2")].compactMap(\.self)))
    }

    @Test(arguments: [
        ("10.0.0.0/33", "has no such length", "give 0 to 32 behind the slash"),
        ("fe80::/129", "has no such length", "give 0 to 128 behind the slash"),
        ("10.1.2.3/8", "has bits behind its first 8", "give \"10.0.0.0/8\""),
        ("localhost", "is \"localhost\"", "give an address or a range of them"),
        ("127.1", "is \"127.1\"", "give an address or a range of them"),
    ])
    func wrongRange_IsTold_WithWhatWouldBeRight(text: String, problem: String, advice: String) throws {
        let fault = try #require(faults(of: #"{"delivery": {"addresses": {"allow": ["\#(text)"]}}}"#).first)
        #expect(fault.pointer == "/delivery/addresses/allow/0")
        #expect(fault.problem == problem)
        #expect(fault.advice.hasPrefix(advice))
    }
}
