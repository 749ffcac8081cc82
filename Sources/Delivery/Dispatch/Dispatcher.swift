package import Core
internal import DequeModule

/// Decides what is sent next: in order within a lane, in turn over the webhooks, within the limits, and not to a receiver
/// that is away.
///
/// Pure: time is given to it, and it has no tick; `nextDeadline` tells when it has something to say again. A lane that is
/// told to have ended while it was not in flight is left as it is.
package struct Dispatcher {
    package var limits: DeliveryLimits { didSet { for id in webhooks.keys { admit(id) } } }
    package private(set) var inFlight = 0
    /// Callbacks that are not in flight, the held ones included.
    package private(set) var waiting = 0

    private var webhooks: [WebhookID: WebhookQueue] = [:]
    private var held: Set<WebhookID> = []
    private var due = DueQueue()
    /// Webhooks that may claim, in turn. One that may not any more is left out when its turn comes.
    private var round: Deque<WebhookID> = []
    /// Webhooks whose gates are open: few, mostly none.
    private var away: Set<WebhookID> = []
    /// When something may be too old; nothing is before.
    private var agingAt: MonotonicTime?
    private var settlements: [Settlement] = []
    private var isClaiming = true

    package init(limits: DeliveryLimits) { self.limits = limits }

    /// When `claim(at:)` has something next; a moment long ago when it has now, nil when only an input can change that.
    package var nextDeadline: MonotonicTime? {
        guard isClaiming else { return nil }
        guard inFlight < limits.maxConcurrent else { return agingAt }
        if !round.isEmpty { return MonotonicTime(nanoseconds: 0) }
        let tries = away.compactMap { webhooks[$0]?.nextTry(limits) }
        return ([due.earliest, agingAt] + tries).compactMap(\.self).min()
    }

    // MARK: - What there is

    /// Webhooks that are not named are held, with all that waits for them now and later.
    package mutating func use(_ backlogs: [WebhookID: Backlog]) {
        for id in backlogs.keys where webhooks[id] == nil { webhooks[id] = queue(id, isInUse: true) }
        for id in Array(webhooks.keys) {
            webhooks[id]?.isInUse = backlogs[id] != nil
            webhooks[id]?.backlog = backlogs[id] ?? .all
            admit(id)
            forgetIfIdle(id)
        }
    }

    /// Webhooks that are held by hand, whether they are in use or not.
    package var suspended: Set<WebhookID> { held }

    /// What is resumed is tried at once, whatever its receiver was like before.
    package mutating func suspend(_ ids: Set<WebhookID>, at now: MonotonicTime) {
        let resumed = held.subtracting(ids)
        held = ids
        for id in webhooks.keys {
            webhooks[id]?.isSuspended = ids.contains(id)
            if resumed.contains(id) { tryNow(id, at: now) }
            admit(id)
        }
    }

    /// Something has changed that may have mended its receiver: what waits for another try is due at once.
    package mutating func tryNow(_ id: WebhookID, at now: MonotonicTime) {
        webhooks[id]?.gate.tryNow(now)
        makeAllDue(id)
        admit(id)
    }

    /// What the last attempts came to, oldest first, told before anything is enqueued: what was away is still taken for
    /// that, and tried at once.
    package mutating func recall(
        _ failures: [(failure: Failure, at: MonotonicTime)], of id: WebhookID, at now: MonotonicTime,
        using random: inout some RandomNumberGenerator
    ) {
        if webhooks[id] == nil { webhooks[id] = queue(id, isInUse: false) }
        for (failure, moment) in failures {
            let isTry = webhooks[id]?.gate.isOpen ?? false
            webhooks[id]?.gate.note(failure, isTry: isTry, at: moment, using: &random)
        }
        webhooks[id]?.gate.tryNow(now)
        if webhooks[id]?.gate.isOpen == true { away.insert(id) }
        forgetIfIdle(id)
    }

    /// Appends to its lane; `due` nil means at once. At `expiry` it is given up if nobody has accepted it.
    package mutating func enqueue(_ pending: PendingCallback, due: MonotonicTime?, expiry: MonotonicTime) {
        let lane = pending.callback.lane
        // What waits for long need not wait in memory.
        let isBacklog = webhooks[lane.webhook].map { $0.count >= Self.longestInMemory } ?? false
        let item = LaneQueue.Item(pending, due: due, expiry: expiry, isLean: isBacklog)
        waiting += 1
        agingAt = min(agingAt ?? expiry, expiry)
        if webhooks[lane.webhook]?.lanes[lane.device] != nil {
            webhooks[lane.webhook]?.lanes[lane.device]?.items.append(item)
        } else {
            if webhooks[lane.webhook] == nil { webhooks[lane.webhook] = queue(lane.webhook, isInUse: false) }
            webhooks[lane.webhook]?.lanes[lane.device] = LaneQueue(items: [item], state: .waiting)
            line(up: lane)
        }
        webhooks[lane.webhook]?.count += 1
        dropAboveLimits(lane.webhook)
    }

    /// Of one webhook, so many callbacks wait with their bodies.
    static let longestInMemory = 1_000

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
        webhooks[id]?.lanes.values.compactMap(\.items.first?.createdAt).min()
    }

    /// Nil while its receiver is not taken for away.
    package func opening(of id: WebhookID) -> Gate.Opening? { webhooks[id]?.gate.opening }

    /// What was given up since this was asked last, without an attempt that says so.
    package mutating func takeSettlements() -> [Settlement] {
        defer { settlements = [] }
        return settlements
    }

    // MARK: - Sending

    /// Takes the next callback that may be sent; its lane is in flight until the outcome is told. Nil when there is none.
    package mutating func claim(at now: MonotonicTime) -> PendingCallback? {
        age(at: now)
        while let (lane, moment) = due.next(at: now) {
            // An entry is of no meaning any more when its lane was tried before its time.
            guard let queue = webhooks[lane.webhook]?.lanes[lane.device], queue.state == .waiting,
                queue.items.first?.due == moment
            else { continue }
            makeReady(lane)
        }
        guard isClaiming, inFlight < limits.maxConcurrent else { return nil }
        for id in away where webhooks[id]?.nextTry(limits).map({ $0 <= now }) ?? false { enterRound(id) }
        while let id = round.popFirst() {
            webhooks[id]?.isInRound = false
            guard let device = webhooks[id]?.nextDevice(limits, at: now) else {
                forgetIfIdle(id)
                continue
            }
            let lane = Lane(webhook: id, device: device)
            if webhooks[id]?.backlog == .latest { supersede(in: lane) }
            webhooks[id]?.lanes[device]?.state = .inFlight
            webhooks[id]?.inFlight += 1
            inFlight += 1
            waiting -= 1
            admit(id)
            return webhooks[id]?.lanes[device]?.items.first?.pending(in: lane)
        }
        return nil
    }

    /// From now on nothing is claimed.
    package mutating func stopClaiming() { isClaiming = false }

    /// The head of the lane is done; what is behind it may follow.
    package mutating func accepted(_ lane: Lane) {
        guard land(lane) != nil else { return }
        removeHead(of: lane)
        receiverIsThere(lane.webhook)
    }

    /// What becomes of a callback that was not accepted.
    package enum Next: Hashable {
        case again(MonotonicTime, Failures)
        case never(Ending)
    }

    /// The attempt at the lane's head came to nothing; says what becomes of the callback.
    package mutating func failed(
        _ lane: Lane, _ failure: Failure, at now: MonotonicTime, using random: inout some RandomNumberGenerator
    ) -> Next {
        let isTry = webhooks[lane.webhook]?.tried == lane.device
        guard let end = land(lane), var item = webhooks[lane.webhook]?.lanes[lane.device]?.items.first else {
            return .again(now, Failures())
        }
        let wasOpen = webhooks[lane.webhook]?.gate.isOpen ?? false
        webhooks[lane.webhook]?.gate.note(failure, isTry: isTry, at: now, using: &random)
        let opening = webhooks[lane.webhook]?.gate.opening
        if opening != nil { away.insert(lane.webhook) }
        if wasOpen && opening == nil { receiverIsThere(lane.webhook) }
        defer { admit(lane.webhook) }
        item.attempts += 1
        let failures = item.failures
        // What an open gate lets through stands for all that wait, and is no worse than they.
        if failure.treatment == .doubted { item.failures.rejections += 1 }
        if failure.treatment == .retried && !isTry { item.failures.steps += 1 }
        if end == .abandoned {
            removeHead(of: lane)
            return .again(now, failures)
        }
        let pause = RetrySchedule.pause(after: failure, failures, using: &random)
        if pause == nil || item.expiry <= now {
            removeHead(of: lane)
            return .never(pause == nil ? .rejected : .expired)
        }
        // An open gate has a pace of its own; should it close earlier, all is due at once.
        let at = opening.map { max($0.nextTry, now) } ?? now + (pause ?? .zero)
        item.due = at
        webhooks[lane.webhook]?.lanes[lane.device]?.items[0] = item
        line(up: lane)
        return .again(at, item.failures)
    }

    /// The head of the lane stays as it was, ready: the attempt does not count.
    package mutating func cancelled(_ lane: Lane) {
        guard let end = land(lane) else { return }
        if end == .abandoned { return removeHead(of: lane) }
        makeReady(lane)
    }

    // MARK: - What is kept in order

    /// Gives up what is too old, when something may be.
    private mutating func age(at now: MonotonicTime) {
        guard let moment = agingAt, moment <= now else { return }
        agingAt = nil
        for (id, queue) in webhooks {
            for (device, lane) in queue.lanes {
                let first = lane.isHeadAway ? 1 : 0
                let old = lane.items.dropFirst(first).prefix { $0.expiry <= now }.count
                if old > 0 { remove(first..<first + old, of: Lane(webhook: id, device: device), as: .expired) }
                // What is in flight is given up when its attempt has failed.
                if let next = webhooks[id]?.lanes[device]?.items.first(where: { $0.expiry > now })?.expiry {
                    agingAt = min(agingAt ?? next, next)
                }
            }
            forgetIfIdle(id)
        }
        // Those of one minute at once.
        agingAt = agingAt.map { max($0, now + .seconds(60)) }
    }

    /// What came last is what its receiver wants; all before it in the lane is given up.
    private mutating func supersede(in lane: Lane) {
        let count = webhooks[lane.webhook]?.lanes[lane.device]?.items.count ?? 0
        if count > 1 { remove(0..<count - 1, of: lane, as: .superseded, keepsPlace: true) }
    }

    /// The longest lane loses its oldest: what is newer says more of that phone.
    private mutating func dropAboveLimits(_ id: WebhookID) {
        if let queue = webhooks[id], queue.waiting > limits.maxWaitingPerWebhook { dropOne(of: id) }
        guard waiting > limits.maxWaiting else { return }
        if let fullest = webhooks.max(by: { $0.value.waiting < $1.value.waiting })?.key { dropOne(of: fullest) }
    }

    private mutating func dropOne(of id: WebhookID) {
        let longest = webhooks[id]?.lanes.max { $0.value.items.count < $1.value.items.count }
        guard let (device, queue) = longest else { return }
        let first = queue.isHeadAway ? 1 : 0
        guard queue.items.count > first else { return }
        remove(first..<first + 1, of: Lane(webhook: id, device: device), as: .dropped)
    }

    /// Takes out some that are not in flight. Unless `keepsPlace`, a lane that has lost its head waits anew.
    private mutating func remove(_ range: Range<Int>, of lane: Lane, as ending: Ending, keepsPlace: Bool = false) {
        guard let items = webhooks[lane.webhook]?.lanes[lane.device]?.items[range] else { return }
        settlements += items.map { Settlement($0.id, as: ending) }
        waiting -= range.count
        webhooks[lane.webhook]?.count -= range.count
        webhooks[lane.webhook]?.lanes[lane.device]?.items.removeSubrange(range)
        guard range.lowerBound == 0, !keepsPlace else { return }
        webhooks[lane.webhook]?.ready.removeAll { $0 == lane.device }
        lineUpOrForget(lane)
    }

    private mutating func removeHead(of lane: Lane) {
        waiting -= 1
        webhooks[lane.webhook]?.count -= 1
        webhooks[lane.webhook]?.lanes[lane.device]?.items.removeFirst()
        lineUpOrForget(lane)
    }

    private mutating func lineUpOrForget(_ lane: Lane) {
        if webhooks[lane.webhook]?.lanes[lane.device]?.items.isEmpty == true {
            webhooks[lane.webhook]?.lanes[lane.device] = nil
            forgetIfIdle(lane.webhook)
        } else {
            line(up: lane)
        }
    }

    /// All that waits is due at once, paced by the limits.
    private mutating func receiverIsThere(_ id: WebhookID) {
        webhooks[id]?.gate.close()
        guard away.remove(id) != nil else { return }
        makeAllDue(id)
        admit(id)
    }

    private mutating func makeAllDue(_ id: WebhookID) {
        for (device, lane) in webhooks[id]?.lanes ?? [:] where lane.state == .waiting {
            webhooks[id]?.lanes[device]?.items[0].due = nil
            makeReady(Lane(webhook: id, device: device))
        }
    }

    /// Takes the lane out of flight; its head counts as waiting again. Returns the state it had, nil when it was not in
    /// flight.
    private mutating func land(_ lane: Lane) -> LaneQueue.State? {
        guard let state = webhooks[lane.webhook]?.lanes[lane.device]?.state, state == .inFlight || state == .abandoned
        else { return nil }
        if webhooks[lane.webhook]?.tried == lane.device { webhooks[lane.webhook]?.tried = nil }
        webhooks[lane.webhook]?.inFlight -= 1
        inFlight -= 1
        waiting += 1
        admit(lane.webhook)
        return state
    }

    private func queue(_ id: WebhookID, isInUse: Bool) -> WebhookQueue {
        WebhookQueue(isInUse: isInUse, isSuspended: held.contains(id))
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

    /// Gives the webhook a place in the round, if it may claim and has none. One whose gate is open gets it in its time.
    private mutating func admit(_ id: WebhookID) {
        if webhooks[id]?.mayClaim(limits) == true { enterRound(id) }
    }

    private mutating func enterRound(_ id: WebhookID) {
        guard webhooks[id]?.isInRound == false else { return }
        webhooks[id]?.isInRound = true
        round.append(id)
    }

    private mutating func forgetIfIdle(_ id: WebhookID) {
        guard let webhook = webhooks[id], !webhook.isInUse, webhook.lanes.isEmpty, !webhook.isInRound else { return }
        webhooks[id] = nil
        away.remove(id)
    }
}
