internal import Core
internal import DequeModule

/// The lanes of one webhook.
struct WebhookQueue {
    var lanes: [UDID: LaneQueue] = [:]
    /// Lanes whose head may be sent now, in the order in which they became so.
    var ready: Deque<UDID> = []
    /// All that is pending, in flight or not.
    var count = 0
    var inFlight = 0
    var gate = Gate()
    /// The lane that an open gate has let through.
    var tried: UDID?
    var backlog = Backlog.all
    /// False: what waits is held.
    var isInUse: Bool
    /// True: what waits is held, by hand.
    var isSuspended: Bool
    /// True while it stands in the round over all webhooks, where it stands at most once.
    var isInRound = false

    init(isInUse: Bool, isSuspended: Bool) {
        self.isInUse = isInUse
        self.isSuspended = isSuspended
    }

    /// With a closed gate.
    func mayClaim(_ limits: DeliveryLimits) -> Bool {
        !gate.isOpen && isInUse && !isSuspended && !ready.isEmpty && inFlight < limits.maxPerWebhook
    }

    /// When one is let through an open gate; nil while there is none to be let, or one under way.
    func nextTry(_ limits: DeliveryLimits) -> MonotonicTime? {
        guard let opening = gate.opening, isInUse, !isSuspended, inFlight == 0, !lanes.isEmpty else { return nil }
        return opening.nextTry
    }

    /// Takes the lane whose head is sent next out of those that wait; nil when none may be.
    mutating func nextDevice(_ limits: DeliveryLimits, at now: MonotonicTime) -> UDID? {
        guard gate.isOpen else { return mayClaim(limits) ? ready.popFirst() : nil }
        guard let moment = nextTry(limits), moment <= now else { return nil }
        let oldest = lanes.min { $0.value.items[0].event < $1.value.items[0].event }
        tried = oldest?.key
        ready.removeAll { $0 == oldest?.key }
        return tried
    }

    /// Callbacks that are not in flight.
    var waiting: Int { count - inFlight }

    /// Takes out all that is pending in these lanes, and forgets those that have nothing in flight.
    mutating func takeOut(of devices: [UDID]) -> [CallbackID] {
        var ids: [CallbackID] = []
        for device in devices {
            guard var lane = lanes[device] else { continue }
            count -= lane.items.count
            ids += lane.takeOut()
            count += lane.items.count
            lanes[device] = lane.items.isEmpty ? nil : lane
        }
        let left = lanes
        ready.removeAll { left[$0] == nil }
        return ids
    }
}
