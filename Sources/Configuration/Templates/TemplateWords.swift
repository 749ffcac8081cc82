internal import Core
internal import Mustache

/// What a template's tags may name: the nine keys of `kobiton`, those of `kobiton-extended`'s tenth, and one word for each
/// status that is true in its event, so that a section can be for that: `{{#offline}}…{{/offline}}`.
final class TemplateWords: MustacheParent {
    static let all =
        [
            "creationTime", "eventType", "eventActivity", "eventDescription", "deviceUdid", "deviceName", "orgId",
            "webhookId",
            "webhookName", "hostId", "hostLabels", "eventId", "sequence", "status", "previousStatus", "reason",
            "platform",
            "portPath", "hubPath", "sessionOwners", "test",
        ] + Status.allCases.map(\.rawValue)

    private let facts: CallbackFacts
    /// Words that were asked for and that there are not.
    private(set) var unknown: [String] = []

    init(_ facts: CallbackFacts) { self.facts = facts }

    /// Nil for what is not known of this event, and for what there is not.
    func child(named name: String) -> Any? {
        if let status = Status(rawValue: name) { return facts.status == status }
        switch name {
        case "creationTime": return facts.creationTime.description
        case "eventType": return facts.eventType
        case "eventActivity": return facts.eventActivity
        case "eventDescription": return facts.eventDescription
        case "deviceUdid": return facts.deviceUDID
        case "deviceName": return facts.deviceName
        case "orgId": return facts.organisation
        case "webhookId": return facts.webhook.value
        case "webhookName": return facts.webhookName
        case "hostId": return facts.host.id
        case "hostLabels": return facts.host.labels
        case "eventId": return facts.event?.value
        case "sequence": return facts.sequence
        case "status": return facts.status?.rawValue
        case "previousStatus": return facts.previous?.rawValue
        case "reason": return facts.reason?.rawValue
        case "platform": return facts.platform?.rawValue
        case "portPath": return facts.port?.description
        case "hubPath": return facts.port?.hub?.description
        case "sessionOwners": return facts.owners
        case "test": return facts.event == nil
        default:
            unknown.append(name)
            return nil
        }
    }
}

extension CallbackFacts {
    /// Of each kind that may come: with all that can be known, in words that need escapes, and with nothing of it.
    static let samples: [CallbackFacts] = {
        var webhook = Webhook(id: WebhookID(1), name: "\"ci\" \\ <b>", url: "http://localhost/", events: [])
        let host = HostIdentity(id: "rack-3", labels: ["site": "\"lab\""])
        let time = WallTime(milliseconds: 1_672_980_756_963)
        let full = Status.allCases.map { status in
            CallbackFacts(
                StatusEvent(
                    number: EventNumber(7), device: UDID("ce0917198075440c057e"), name: "\"Galaxy\"\n\\Note\t8",
                    group: .private, previous: .online, status: status,
                    reason: status == .offline ? .unauthorized : nil,
                    isSilent: false, platform: .android, port: PortPath("1-4.2")),
                at: time, host: host, organisation: 2, webhook: webhook, sequence: 3, owners: ["ann", "\"bob\""])
        }
        webhook.name = "w"
        let bare = CallbackFacts(
            StatusEvent(
                number: EventNumber(1), device: UDID("A"), name: "A", group: .local, previous: nil, status: .online,
                reason: nil, isSilent: false, platform: nil, port: nil),
            at: time, host: HostIdentity(id: ""), organisation: 0, webhook: webhook, sequence: 1)
        return full + [bare, CallbackFacts(testOf: webhook, at: time, host: host, organisation: 2)]
    }()
}
