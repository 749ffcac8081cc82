package import Core
internal import DequeModule

/// Decides what is sent next: in order within a lane, in turn over the webhooks, within the limits.
///
/// Pure: time is given to it, and it has no tick; `nextDeadline` tells when it has something to say again. A lane that is
/// told to have ended while it was not in flight is left as it is.
package struct Dispatcher {
    package var limits: DeliveryLimits { didSet { for id in webhooks.keys { admit(id) } } }
    /// Webhooks that are held by hand, whether they are in use or not.
    package var suspended: Set<WebhookID> = [] {
        didSet {
            for id in webhooks.keys {
                webhooks[id]?.isSuspended = suspended.contains(id)
                admit(id)
            }
        }
    }
    package private(set) var inFlight = 0
    /// Callbacks that are not in flight, the held ones included.
    package private(set) var waiting = 0

    private var webhooks: [WebhookID: WebhookQueue] = [:]
    private var due = DueQueue()
    /// Webhooks that may claim, in turn. One that may not any more is left out when its turn comes.
    private var round: Deque<WebhookID> = []
    private var isClaiming = true

    package init(limits: DeliveryLimits) { self.limits = limits }

    /// When `claim(at:)` has something next; a moment long ago when it has now, nil when only an input can change that.
    package var nextDeadline: MonotonicTime? {
        guard isClaiming else { return nil }
        return inFlight < limits.maxConcurrent && !round.isEmpty ? MonotonicTime(nanoseconds: 0) : due.earliest
    }

    /// Webhooks that are not named are held, with all that waits for them now and later.
    package mutating func use(_ ids: Set<WebhookID>) {
        for id in ids where webhooks[id] == nil { webhooks[id] = queue(id, isInUse: true) }
        for id in Array(webhooks.keys) {
            webhooks[id]?.isInUse = ids.contains(id)
            admit(id)
            forgetIfIdle(id)
        }
    }

    /// Appends to its lane; `due` nil means at once.
    package mutating func enqueue(_ pending: PendingCallback, due: MonotonicTime?) {
        let lane = pending.callback.lane
        let item = LaneQueue.Item(pending: pending, due: due)
        waiting += 1
        guard webhooks[lane.webhook]?.lanes[lane.device] != nil else {
            if webhooks[lane.webhook] == nil { webhooks[lane.webhook] = queue(lane.webhook, isInUse: false) }
            webhooks[lane.webhook]?.lanes[lane.device] = LaneQueue(items: [item], state: .waiting)
            return line(up: lane)
        }
        webhooks[lane.webhook]?.lanes[lane.device]?.items.append(item)
    }

    /// Takes the next callback that may be sent; its lane is in flight until the outcome is told. Nil when there is none.
    package mutating func claim(at now: MonotonicTime) -> PendingCallback? {
        while let lane = due.next(at: now) { makeReady(lane) }
        guard isClaiming, inFlight < limits.maxConcurrent else { return nil }
        while let id = round.popFirst() {
            webhooks[id]?.isInRound = false
            guard webhooks[id]?.mayClaim(limits) == true, let device = webhooks[id]?.ready.popFirst() else {
                forgetIfIdle(id)
                continue
            }
            webhooks[id]?.lanes[device]?.state = .inFlight
            webhooks[id]?.inFlight += 1
            inFlight += 1
            waiting -= 1
            admit(id)
            return webhooks[id]?.lanes[device]?.items.first?.pending
        }
        return nil
    }

    /// Takes out all that waits in these lanes, and returns the callbacks that were pending there. One that is in flight
    /// is among them: it comes to its end, and is not tried again.
    package mutating func cancel(where matches: (Lane) -> Bool) -> [CallbackID] {
        var cancelled: [CallbackID] = []
        for (id, queue) in webhooks {
            let devices = queue.lanes.keys.filter { matches(Lane(webhook: id, device: $0)) }
            guard !devices.isEmpty else { continue }
            cancelled += webhooks[id]?.takeOut(of: devices) ?? []
            waiting += (webhooks[id]?.waiting ?? 0) - queue.waiting
            forgetIfIdle(id)
        }
        due.remove(where: matches)
        return cancelled
    }

    /// Callbacks of one webhook that are not in flight, and those that are.
    package func counts(of id: WebhookID) -> (waiting: Int, inFlight: Int) {
        webhooks[id].map { ($0.waiting, $0.inFlight) } ?? (0, 0)
    }

    /// When the oldest callback that is pending for a webhook was made; nil when none is.
    package func oldest(of id: WebhookID) -> WallTime? {
        webhooks[id]?.lanes.values.compactMap(\.items.first?.pending.callback.createdAt).min()
    }

    /// The head of the lane is done; what is behind it may follow.
    package mutating func accepted(_ lane: Lane) {
        if land(lane) != nil { removeHead(of: lane) }
    }

    private mutating func removeHead(of lane: Lane) {
        waiting -= 1
        webhooks[lane.webhook]?.lanes[lane.device]?.items.removeFirst()
        if webhooks[lane.webhook]?.lanes[lane.device]?.items.isEmpty == true {
            webhooks[lane.webhook]?.lanes[lane.device] = nil
            forgetIfIdle(lane.webhook)
        } else {
            line(up: lane)
        }
    }

    /// The head of the lane stays, with one attempt more, until `due`.
    package mutating func failed(_ lane: Lane, retryAt due: MonotonicTime) {
        guard let end = land(lane) else { return }
        if end == .abandoned { return removeHead(of: lane) }
        webhooks[lane.webhook]?.lanes[lane.device]?.items[0].pending.attempts += 1
        webhooks[lane.webhook]?.lanes[lane.device]?.items[0].due = due
        line(up: lane)
    }

    /// The head of the lane stays as it was, ready: the attempt does not count.
    package mutating func cancelled(_ lane: Lane) {
        guard let end = land(lane) else { return }
        if end == .abandoned { return removeHead(of: lane) }
        makeReady(lane)
    }

    /// From now on nothing is claimed.
    package mutating func stopClaiming() { isClaiming = false }

    /// Takes the lane out of flight; its head counts as waiting again. Returns the state it had, nil when it was not in
    /// flight.
    private mutating func land(_ lane: Lane) -> LaneQueue.State? {
        guard let state = webhooks[lane.webhook]?.lanes[lane.device]?.state, state == .inFlight || state == .abandoned
        else { return nil }
        webhooks[lane.webhook]?.inFlight -= 1
        inFlight -= 1
        waiting += 1
        admit(lane.webhook)
        return state
    }

    private func queue(_ id: WebhookID, isInUse: Bool) -> WebhookQueue {
        WebhookQueue(isInUse: isInUse, isSuspended: suspended.contains(id))
    }

    /// Puts a lane with a new head, or a new due time, where it has to wait.
    private mutating func line(up lane: Lane) {
        guard let due = webhooks[lane.webhook]?.lanes[lane.device]?.items.first?.due else { return makeReady(lane) }
        webhooks[lane.webhook]?.lanes[lane.device]?.state = .waiting
        self.due.add(lane, due: due)
    }

    private mutating func makeReady(_ lane: Lane) {
        webhooks[lane.webhook]?.lanes[lane.device]?.state = .ready
        webhooks[lane.webhook]?.ready.append(lane.device)
        admit(lane.webhook)
    }

    /// Gives the webhook a place in the round, if it may claim and has none.
    private mutating func admit(_ id: WebhookID) {
        guard let webhook = webhooks[id], webhook.mayClaim(limits), !webhook.isInRound else { return }
        webhooks[id]?.isInRound = true
        round.append(id)
    }

    private mutating func forgetIfIdle(_ id: WebhookID) {
        guard let webhook = webhooks[id], !webhook.isInUse, webhook.lanes.isEmpty, !webhook.isInRound else { return }
        webhooks[id] = nil
    }
}
