/// Makes the callbacks of a status event: one for each webhook that asked for it.
///
/// Holds the next number of each lane; numbers have no gaps as enqueued.
package struct CallbackPlan: Sendable {
    package var organisation: Int64
    package var host: HostIdentity
    package var webhooks: [Webhook]
    private var nextSequences: [Lane: Int64]

    package init(organisation: Int64, host: HostIdentity, webhooks: [Webhook], nextSequences: [Lane: Int64]) {
        self.organisation = organisation
        self.host = host
        self.webhooks = webhooks
        self.nextSequences = nextSequences
    }

    /// In the order of the webhooks. None for silent events and for public devices. `phone` is what the event was about.
    package mutating func callbacks(
        for event: StatusEvent, of phone: Phone?, at time: WallTime, using random: inout some RandomNumberGenerator
    ) -> [Callback] {
        guard !event.isSilent, event.group != .public else { return [] }
        let subject = DeviceScope.Subject(of: event, phone)
        return webhooks.compactMap { webhook in
            guard webhook.wants(event.status, of: subject) else { return nil }
            let lane = Lane(webhook: webhook.id, device: event.device)
            let sequence = nextSequences[lane, default: 1]
            nextSequences[lane] = sequence + 1
            let facts = CallbackFacts(
                event, at: time, host: host, organisation: organisation, webhook: webhook, sequence: sequence,
                owners: phone?.owners ?? [])
            return Callback(
                id: CallbackID(using: &random), lane: lane, sequence: sequence, event: event.number, createdAt: time,
                content: webhook.format.content(of: facts))
        }
    }

    /// A device was forgotten: its lanes are, too.
    package mutating func forget(_ device: UDID) {
        nextSequences = nextSequences.filter { $0.key.device != device }
    }
}
