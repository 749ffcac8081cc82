/// What has become of a callback.
package enum DeliveryState: String, Hashable, Sendable, CaseIterable {
    /// Waits, for its turn in the lane or for the next attempt.
    case pending
    /// Accepted by the receiver.
    case delivered
    /// Given up, because the receiver said that it is wrong or because of its age: to be looked at, and sent again.
    case dead
    /// Not sent, for a newer one of its lane was.
    case superseded
    /// Not sent, for more waited than is kept.
    case dropped
    /// Not sent any more; an attempt that was under way then may still have been accepted.
    case cancelled
}

/// Which deliveries are asked for; what is nil does not matter.
package struct DeliveryFilter: Hashable, Sendable {
    package var webhook: WebhookID?
    package var device: UDID?
    package var state: DeliveryState?
    /// Made at that moment or later.
    package var since: WallTime?
    /// Made before that moment.
    package var until: WallTime?

    package init(
        webhook: WebhookID? = nil, device: UDID? = nil, state: DeliveryState? = nil, since: WallTime? = nil,
        until: WallTime? = nil
    ) {
        self.webhook = webhook
        self.device = device
        self.state = state
        self.since = since
        self.until = until
    }
}

/// A callback and how far it has come.
package struct DeliverySummary: Hashable, Sendable {
    /// Ascending in the order in which the callbacks were committed, all lanes together.
    package let position: Int64
    package let id: CallbackID
    package let lane: Lane
    /// The place in its lane.
    package let sequence: Int64
    package let event: EventNumber
    package let createdAt: WallTime
    package let state: DeliveryState
    /// The attempts that count: those that our own shutdown stopped do not.
    package let attempts: Int
    /// When the next attempt may start; nil means at once, or none.
    package let notBefore: WallTime?
    /// When it was delivered or given up; nil while it is pending.
    package let settledAt: WallTime?
    /// Why it was given up; nil when it was not.
    package let ending: Ending?

    package init(
        position: Int64, id: CallbackID, lane: Lane, sequence: Int64, event: EventNumber, createdAt: WallTime,
        state: DeliveryState, attempts: Int, notBefore: WallTime?, settledAt: WallTime?,
        ending: Ending? = nil
    ) {
        self.position = position
        self.id = id
        self.lane = lane
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.state = state
        self.attempts = attempts
        self.notBefore = notBefore
        self.settledAt = settledAt
        self.ending = ending
    }
}

/// All that is kept of one delivery.
package struct DeliveryDetail: Hashable, Sendable {
    package let summary: DeliverySummary
    package let content: Content
    /// Oldest first, also those that do not count. Attempts and callbacks are removed by age and number each for itself,
    /// so that the first ones may be missing.
    package let attempts: [Attempt]

    package init(summary: DeliverySummary, content: Content, attempts: [Attempt]) {
        self.summary = summary
        self.content = content
        self.attempts = attempts
    }
}
