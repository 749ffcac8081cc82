import Core
import Testing

struct KobitonBodyTests {
    private func body(name: String = "Galaxy Note 8", webhook: String = "Webhook for All events") -> String {
        let event = StatusEvent(
            number: EventNumber(1), device: UDID("ce0917198075440c057e"), name: name, group: .local, previous: .online,
            status: .utilizing, reason: nil, isSilent: false, platform: .android, port: nil)
        let bytes = KobitonBody.bytes(
            for: event, at: WallTime(milliseconds: 1_672_980_756_963), organisation: 2,
            webhook: Webhook(id: WebhookID(129), name: webhook, url: "https://example.com", events: [.utilizing]))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The example of DESIGN section 4, byte for byte.
    @Test func body_isTheSpecs() {
        #expect(
            body() == #"{"creationTime":"2023-01-06T04:52:36.963Z","eventType":"DEVICE","#
                + #""eventActivity":"device.state.utilizing","eventDescription":"Utilizing","#
                + #""deviceUdid":"ce0917198075440c057e","deviceName":"Galaxy Note 8","orgId":2,"webhookId":129,"#
                + #""webhookName":"Webhook for All events"}"#)
    }

    @Test func body_escapes_whatUsersAndPhonesSay() {
        #expect(body(name: "a\"b\\c\n").contains(#""deviceName":"a\"b\\c\n","#))
        #expect(body(webhook: "Điện \u{1F4F1}").hasSuffix("\"webhookName\":\"Điện \u{1F4F1}\"}"))
    }
}
