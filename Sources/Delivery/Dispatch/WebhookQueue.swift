internal import Core
internal import DequeModule

/// The lanes of one webhook.
struct WebhookQueue {
    var lanes: [UDID: LaneQueue] = [:]
    /// Lanes whose head may be sent now, in the order in which they became so.
    var ready: Deque<UDID> = []
    var inFlight = 0
    /// False: what waits is held.
    var isInUse: Bool
    /// True while it stands in the round over all webhooks, where it stands at most once.
    var isInRound = false

    func mayClaim(_ limits: DeliveryLimits) -> Bool {
        isInUse && !ready.isEmpty && inFlight < limits.maxPerWebhook
    }
}
