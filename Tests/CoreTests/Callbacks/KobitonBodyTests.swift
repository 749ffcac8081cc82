import Core
import Testing

extension CallbackFacts {
    /// The example of DESIGN section 4.
    static func example(
        name: String = "Galaxy Note 8", webhook: String = "Webhook for All events", status: Status = .utilizing,
        device: String = "ce0917198075440c057e", reason: Reason? = nil, previous: Status? = .online,
        platform: Platform? = .android, port: PortPath? = PortPath("1-4.2"), owners: [String] = [],
        host: HostIdentity = HostIdentity(id: "rack-3", labels: ["site": "hanoi", "row": "7"])
    ) -> CallbackFacts {
        let event = StatusEvent(
            number: EventNumber(42), device: UDID(device), name: name, group: .local, previous: previous,
            status: status,
            reason: reason, isSilent: false, platform: platform, port: port)
        return CallbackFacts(
            event, at: WallTime(milliseconds: 1_672_980_756_963), host: host, organisation: 2,
            webhook: Webhook(id: WebhookID(129), name: webhook, url: "https://example.com", events: [.utilizing]),
            sequence: 7, owners: owners)
    }

    static let testExample = CallbackFacts(
        testOf: Webhook(id: WebhookID(129), name: "w", url: "https://example.com", events: []),
        at: WallTime(milliseconds: 1_672_980_756_963), host: HostIdentity(id: "rack-3"), organisation: 2)
}

struct KobitonBodyTests {
    private static let nine =
        #"{"creationTime":"2023-01-06T04:52:36.963Z","eventType":"DEVICE","#
        + #""eventActivity":"device.state.utilizing","eventDescription":"Utilizing","#
        + #""deviceUdid":"ce0917198075440c057e","deviceName":"Galaxy Note 8","orgId":2,"webhookId":129,"#
        + #""webhookName":"Webhook for All events"}"#

    private func text(_ facts: CallbackFacts, _ format: BodyFormat = .kobiton) -> String {
        let content = format.content(of: facts)
        #expect(content.headers == [])
        return String(decoding: content.body, as: UTF8.self)
    }

    /// The example of DESIGN section 4, byte for byte.
    @Test func body_isTheSpecs() { #expect(text(.example()) == Self.nine) }

    @Test func body_escapes_whatUsersAndPhonesSay() {
        #expect(text(.example(name: "a\"b\\c\n")).contains(#""deviceName":"a\"b\\c\n","#))
        #expect(
            text(.example(webhook: "Điện \u{1F4F1}")).hasSuffix("\"webhookName\":\"Điện \u{1F4F1}\"}"))
    }

    @Test func extendedBody_isThat_andAllElseThatIsKnown() {
        #expect(
            text(.example(owners: ["ann", "b\"ob"]), .kobitonExtended) == String(Self.nine.dropLast())
                + #","plughook":{"hostId":"rack-3","hostLabels":{"row":"7","site":"hanoi"},"eventId":42,"sequence":7,"#
                + #""previousStatus":"online","reason":null,"platform":"android","portPath":"1-4.2","hubPath":"1-4","#
                + #""sessionOwners":["ann","b\"ob"]}}"#)
        let bare = CallbackFacts.example(
            status: .offline, reason: .unauthorized, previous: nil, platform: nil, port: nil,
            host: HostIdentity(id: "h"))
        #expect(
            text(bare, .kobitonExtended).hasSuffix(
                #","plughook":{"hostId":"h","hostLabels":{},"eventId":42,"sequence":7,"previousStatus":null,"#
                    + #""reason":"unauthorized","platform":null,"portPath":null,"hubPath":null,"sessionOwners":[]}}"#))
    }

    @Test func test_saysThatItIsOne_inEveryForm() {
        #expect(text(.testExample).contains(#""eventType":"TEST","eventActivity":"plughook.test""#))
        #expect(text(.testExample, .kobitonExtended).contains(#""eventId":null,"sequence":null"#))
        let event = BodyFormat.cloudEvents(.structured).content(of: .testExample).body
        #expect(String(decoding: event, as: UTF8.self).contains(#""type":"io.plughook.test""#))
    }
}

/// By the specification's words: CloudEvents 1.0.2 and its HTTP binding. The system tests ask its own SDK.
struct CloudEventTests {
    private func headers(_ facts: CallbackFacts) -> [String] {
        let content = BodyFormat.cloudEvents(.binary).content(of: facts)
        #expect(content.body == KobitonBody.bytes(of: facts))
        return content.headers
    }

    @Test func structuredEvent_isOneObject() {
        let content = BodyFormat.cloudEvents(.structured).content(of: .example())
        #expect(content.headers == ["Content-Type: application/cloudevents+json; charset=utf-8"])
        #expect(
            String(decoding: content.body, as: UTF8.self)
                == #"{"specversion":"1.0","id":"42-1672980756963","source":"/hosts/rack-3","#
                + #""type":"io.plughook.device.status.utilizing","subject":"ce0917198075440c057e","#
                + #""time":"2023-01-06T04:52:36.963Z","datacontenttype":"application/json","data":"#
                + String(decoding: KobitonBody.bytes(of: .example()), as: UTF8.self) + "}")
    }

    @Test func binaryEvent_isInHeaders() {
        #expect(
            headers(.example()) == [
                "ce-specversion: 1.0", "ce-id: 42-1672980756963", "ce-source: /hosts/rack-3",
                "ce-type: io.plughook.device.status.utilizing", "ce-subject: ce0917198075440c057e",
                "ce-time: 2023-01-06T04:52:36.963Z",
            ])
    }

    /// A serial with a line break must not become a header of its own.
    @Test func headers_areEncoded_whateverPhonesSay() {
        let hostile = headers(.example(device: "a\r\nX-Evil: 1\"%€ ~", host: HostIdentity(id: "Büro 1/2")))
        #expect(hostile[4] == "ce-subject: a%0D%0AX-Evil:%201%22%25%E2%82%AC%20~")
        #expect(hostile[2] == "ce-source: /hosts/B%25C3%25BCro%25201%252F2")
        #expect(hostile.allSatisfy { $0.utf8.allSatisfy { (0x20...0x7e).contains($0) } })
    }
}
