import TestSupport
import Testing

@testable import Core

/// Which phones a webhook hears of.
struct DeviceScopeTests {
    private func phone(
        _ udid: String = "ce0917", name: String = "Pixel 7", platform: Platform? = .android, port: String = "1-4.2",
        idPath: String? = "pci-0000:00:14.0-usb-0:4.2",
        labels: [String: String] = ["team": "payments", "site": "hanoi"]
    ) -> Phone {
        Phone(
            record: DeviceRecord(
                udid: UDID(udid), name: name, platform: platform, port: PortPath(port), idPath: idPath),
            group: .local, isListed: true, labels: labels, places: [], owners: [])
    }

    private func includes(_ change: (inout DeviceScope) -> Void, _ phone: Phone) -> Bool {
        var scope = DeviceScope()
        change(&scope)
        return scope.includes(DeviceScope.Subject(phone))
    }

    @Test func nothingGiven_IsEverything() {
        #expect(DeviceScope().isEverything)
        #expect(includes({ _ in }, phone()))
        #expect(includes({ _ in }, phone(platform: nil, idPath: nil, labels: [:])))
    }

    @Test func eachKind_IsLookedAt() {
        let words: [(String, Bool, (inout DeviceScope) -> Void)] = [
            ("udid", true, { $0.udids = ["other", "ce0917"] }), ("udid", false, { $0.udids = ["CE0917"] }),
            ("name", true, { $0.names = [Glob("Pix*")] }), ("name", false, { $0.names = [Glob("pix*")] }),
            ("platform", true, { $0.platforms = [.ios, .android] }), ("platform", false, { $0.platforms = [.ios] }),
            ("label", true, { $0.labels = ["team": "payments", "site": "elsewhere"] }),
            ("label", false, { $0.labels = ["team": "", "other": "payments"] }),
            ("port", true, { $0.ports = [Glob("1-4.*")] }), ("port", true, { $0.ports = [Glob("*-usb-0:4.2")] }),
            ("port", false, { $0.ports = [Glob("1-4")] }),
        ]
        for (kind, isMeant, change) in words { #expect(includes(change, phone()) == isMeant, "\(kind)") }
    }

    @Test func kinds_AreAllToFit() {
        let both = { (scope: inout DeviceScope) in
            scope.platforms = [.android]
            scope.labels = ["team": "payments"]
        }
        #expect(includes(both, phone()))
        #expect(!includes(both, phone(platform: .ios)))
        #expect(!includes(both, phone(labels: ["team": "search"])))
    }

    @Test(arguments: [
        "00008030-001A35E40212402E", "00008030001A35E40212402E", "00008030-001a35e40212402e",
    ])
    func appleIdentifier_IsMeantInAnySpelling(given: String) {
        #expect(
            includes({ $0.udids = [given] }, phone("00008030-001A35E40212402E", platform: .ios)))
    }

    /// What a phone was when something happened counts, and its labels and port beside.
    @Test func event_IsJudgedByItsOwnName() {
        let event = StatusEvent(
            number: EventNumber(1), device: UDID("ce0917"), name: "Old name", group: .local, previous: nil,
            status: .unplugged, reason: nil, isSilent: false, platform: .android, port: PortPath("1-9"))
        var scope = DeviceScope()
        scope.names = [Glob("Old*")]
        scope.ports = [Glob("1-9")]
        scope.labels = ["team": "payments"]
        #expect(scope.includes(DeviceScope.Subject(of: event, phone())))
        #expect(!scope.includes(DeviceScope.Subject(of: event, nil)))
    }

    @Test func webhook_GetsCallbacksOfItsPhonesAlone() {
        var scope = DeviceScope()
        scope.platforms = [.ios]
        let webhooks = [
            Webhook(id: WebhookID(1), name: "all", url: "http://h", events: [.online]),
            Webhook(id: WebhookID(2), name: "iphones", url: "http://h", events: [.online], scope: scope),
        ]
        var plan = CallbackPlan(organisation: 0, host: HostIdentity(id: "h"), webhooks: webhooks, nextSequences: [:])
        var random = SeededGenerator(seed: 1)
        func told(_ platform: Platform) -> [WebhookID] {
            let event = StatusEvent(
                number: EventNumber(1), device: UDID("A"), name: "A", group: .local, previous: nil, status: .online,
                reason: nil, isSilent: false, platform: platform, port: nil)
            return plan.callbacks(for: event, of: nil, at: WallTime(milliseconds: 0), using: &random).map(
                \.lane.webhook)
        }
        #expect(told(.android) == [WebhookID(1)])
        #expect(told(.ios) == [WebhookID(1), WebhookID(2)])
    }
}
