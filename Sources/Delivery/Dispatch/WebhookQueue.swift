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
    /// True: what waits is held, by hand.
    var isSuspended: Bool
    /// True while it stands in the round over all webhooks, where it stands at most once.
    var isInRound = false

    func mayClaim(_ limits: DeliveryLimits) -> Bool {
        isInUse && !isSuspended && !ready.isEmpty && inFlight < limits.maxPerWebhook
    }

    /// Callbacks that are not in flight.
    var waiting: Int { lanes.values.reduce(-inFlight) { $0 + $1.items.count } }

    /// Takes out all that is pending in these lanes, and forgets those that have nothing in flight.
    mutating func takeOut(of devices: [UDID]) -> [CallbackID] {
        var ids: [CallbackID] = []
        for device in devices {
            guard var lane = lanes[device] else { continue }
            ids += lane.takeOut()
            lanes[device] = lane.items.isEmpty ? nil : lane
        }
        let left = lanes
        ready.removeAll { left[$0] == nil }
        return ids
    }
}
