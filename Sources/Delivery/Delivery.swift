package import Core
internal import Linux

/// Sends callbacks to their webhooks and tells what came of it: at least once, in order per lane.
///
/// It lives in its caller's loop: watch `descriptor`, wait until `nextDeadline` at most, call `process(now:wall:)`. It never
/// waits, has no tick and no thread (but for libcurl's, while a name is looked up), and is for one thread. What it is given
/// is on disk already; what it returns is to be recorded there.
package final class Delivery {
    private let version: String
    private var random: any RandomNumberGenerator
    private var dispatcher: Dispatcher
    private var webhooks: [WebhookID: Webhook] = [:]
    private let events: SocketEvents
    private var multi: MultiHandle
    private var underWay: [EasyHandle.Key: (transfer: Transfer, flight: Flight)] = [:]
    /// What goes beside the lanes.
    private var asides: [EasyHandle.Key: Aside] = [:]
    private var pool = TransferPool()
    private var gone: Set<WebhookID> = []
    private var addresses = AddressRules()
    /// Claimed, and without a content as yet.
    private var unread: [CallbackID: Flight] = [:]
    private var unasked: [CallbackID] = []
    /// Accepted, and not on record yet.
    private var unrecorded: [CallbackID: Lane] = [:]

    /// Makes libcurl ready for the process. To be called before any thread is started; a later `init` does it otherwise.
    package static func prepareProcess() throws { try CurlLibrary.start() }

    /// `version` is plughook's, for the `User-Agent`; `random` spreads the retries.
    package init(
        limits: DeliveryLimits, version: String, random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) throws {
        try CurlLibrary.start()
        self.version = version
        self.random = random
        dispatcher = Dispatcher(limits: limits)
        events = try SocketEvents()
        multi = try MultiHandle(events: events, maxConnections: limits.maxConcurrent)
    }

    private struct Aside {
        let transfer: Transfer
        let started: MonotonicTime
        /// Nil of a question.
        let tested: WebhookID?
        let done: (SideAnswer) -> Void
    }

    deinit { for key in Array(underWay.keys) + Array(asides.keys) { multi.remove(key) } }

    /// Readable when `process(now:wall:)` has something to do; the same as long as this object lives.
    package var descriptor: Int32 { events.descriptor }

    /// Of webhooks that are in use.
    package private(set) var totals = DeliveryTotals()

    /// When `process(now:wall:)` is to be called though `descriptor` is not readable. A moment long ago: now.
    package var nextDeadline: MonotonicTime? {
        [dispatcher.nextDeadline, events.deadline].compactMap(\.self).min()
    }

    /// Callbacks whose transfer has begun and whose acceptance is not on record.
    package var inFlight: Int { dispatcher.inFlight }

    /// Callbacks that are not under way: due later, behind another in their lane, above a limit, or held.
    package var waiting: Int { dispatcher.waiting }

    /// Acts on what waits, too; transfers under way beyond a lowered limit come to their end.
    package var limits: DeliveryLimits {
        get { dispatcher.limits }
        set {
            dispatcher.limits = newValue
            multi.keep(maxConnections: newValue.maxConcurrent)
        }
    }

    /// Where callbacks may go to; what questions are asked keeps to it, too, but for `publicOnly`. What waits is tried at once
    /// when it changes, for it may be that which kept it.
    package func use(addresses: AddressRules, now: MonotonicTime) {
        guard addresses != self.addresses else { return }
        self.addresses = addresses
        pool.forgetExpected()
        for id in webhooks.keys { dispatcher.tryNow(id, at: now) }
    }

    /// The webhooks from now on. What waits goes to the URL they have now; what waits for one that is not among them is held.
    ///
    /// A receiver that is away and is reached in another way now is tried at once.
    package func use(webhooks: [Webhook], now: MonotonicTime) {
        let before = self.webhooks
        totals.webhooks = totals.webhooks.filter { id, _ in webhooks.contains { $0.id == id } }
        pool.forgetExpected()
        self.webhooks = Dictionary(webhooks.map { ($0.id, $0) }, uniquingKeysWith: { _, later in later })
        dispatcher.use(self.webhooks.mapValues(\.backlog))
        for webhook in webhooks where before[webhook.id].map({ !$0.isReached(like: webhook) }) ?? false {
            dispatcher.tryNow(webhook.id, at: now)
        }
    }

    /// Whether it is among the webhooks.
    package func serves(_ webhook: WebhookID) -> Bool { webhooks[webhook] != nil }

    /// Webhooks that are held by hand: what waits for them stays, and what is under way comes to its end.
    package var suspended: Set<WebhookID> { dispatcher.suspended }

    /// Holds these by hand, and no others; what is held no longer is tried at once.
    package func suspend(_ webhooks: Set<WebhookID>, now: MonotonicTime) { dispatcher.suspend(webhooks, at: now) }

    /// What the webhook's last attempts have come to, oldest first, before anything is enqueued: so that a receiver that was
    /// away before a restart is not stormed after it.
    package func recall(_ past: [PastAttempt], of webhook: WebhookID, now: MonotonicTime, wall: WallTime) {
        let failures = past.map { attempt in
            (Failure(attempt.outcome, statusCode: attempt.statusCode), now + (attempt.startedAt - wall))
        }
        dispatcher.recall(failures, of: webhook, at: now, using: &random)
    }

    /// Something may have mended its receiver: what waits for another try is due at once, and one that is away is tried.
    package func tryNow(_ webhook: WebhookID, now: MonotonicTime) { dispatcher.tryNow(webhook, at: now) }

    /// Nil while the webhook's receiver is not taken for away.
    package func opening(of webhook: WebhookID) -> Gate.Opening? { dispatcher.opening(of: webhook) }

    /// Callbacks of one webhook that are not under way, and those that are.
    package func counts(of webhook: WebhookID) -> (waiting: Int, inFlight: Int) { dispatcher.counts(of: webhook) }

    /// How many more may wait for a webhook before some are dropped.
    package func room(for webhook: WebhookID) -> Int {
        max(0, min(limits.maxWaiting - waiting, limits.maxWaitingPerWebhook - counts(of: webhook).waiting))
    }

    /// When the oldest callback that is pending for a webhook was made; nil when none is.
    package func oldest(of webhook: WebhookID) -> WallTime? { dispatcher.oldest(of: webhook) }

    /// Appends callbacks to their lanes, in the order given. Each is to be given once; the next `process` starts what is due.
    ///
    /// `wall` and `now` are one moment: due times from the disk are converted by them, once.
    package func enqueue(_ callbacks: [PendingCallback], now: MonotonicTime, wall: WallTime) {
        for pending in callbacks {
            dispatcher.enqueue(
                pending, due: RetrySchedule.due(of: pending, now: now, wall: wall),
                expiry: RetrySchedule.expiry(of: pending, now: now, wall: wall))
        }
    }

    /// Takes back what waits in these lanes, and returns all that was pending there. What is under way among it comes to its
    /// end, which `process` tells as ever, and is not tried again.
    package func cancel(where matches: (Lane) -> Bool) -> [CallbackID] { dispatcher.cancel(where: matches) }

    /// These are on their way to the disk: for the first of them, what sending takes is made ready meanwhile. Nothing is sent
    /// before they are enqueued.
    package func expect(_ callbacks: [Callback], wall: WallTime) {
        pool.forgetExpected()
        for callback in callbacks.prefix(Self.mostExpected) {
            // What goes wrong is told when its turn comes.
            guard let webhook = webhooks[callback.lane.webhook],
                let transfer = try? prepared(callback, to: webhook, at: wall)
            else { continue }
            pool.expect(callback.id, with: transfer, at: wall)
        }
    }

    /// More than these are not ready sooner: the first ones are sent while the disk is not waited for any more.
    private static let mostExpected = 8

    private func prepared(_ callback: Callback, to webhook: Webhook, at wall: WallTime) throws(CurlError) -> Transfer {
        if let ready = pool.takeExpected(callback.id, at: wall) { return ready }
        let transfer = try pool.take()
        // With room for a secret that is cut.
        transfer.keptBody.limit = 2 * SideAnswer.longestBody
        try transfer.prepare(Request(callback, to: webhook, from: addresses, version: version, at: wall))
        return transfer
    }

    /// Lets transfers proceed, starts what is due, and returns the attempts that have ended, each once.
    ///
    /// The lane of an accepted callback goes on, and its place among the transfers is free, once `recorded(_:)` has been
    /// told: a crash before sends again what was in flight, one callback a lane, and never more.
    package func process(now: MonotonicTime, wall: WallTime) -> [Attempt] {
        var ended: [Attempt] = []
        while let pending = dispatcher.claim(at: now) {
            if let attempt = start(pending, now: now, wall: wall) { ended.append(attempt) }
        }
        // What this makes possible to start is due at once: `nextDeadline` says so.
        return ended + proceed(now: now, wall: wall)
    }

    /// What was given up since this was asked last without an attempt that says so: too old, superseded, or too much. Each is
    /// told once, and is to be recorded.
    package func takeSettlements() -> [Settlement] {
        let settlements = dispatcher.takeSettlements()
        for settlement in settlements { totals.ended[settlement.ending, default: 0] += 1 }
        return settlements
    }

    /// The callbacks whose contents are to be read and given to `supply`, because their turn has come; each is told once.
    package func takeUnread() -> [CallbackID] {
        defer { unasked = [] }
        return unasked
    }

    /// Starts those whose contents have been read; `nil` says that the disk cannot be read now. What has none is tried again
    /// later, like any other attempt that could not begin.
    package func supply(
        _ contents: [CallbackID: Content]?, of ids: [CallbackID], now: MonotonicTime, wall: WallTime
    ) -> [Attempt] {
        ids.compactMap { id in
            guard let flight = unread.removeValue(forKey: id) else { return nil }
            guard let content = contents?[id] else {
                return conclude(flight, .unsent("its content cannot be read from the disk"), now: now, wall: wall)
            }
            return start(flight.pending.with(content), now: now, wall: wall)
        }
    }

    /// These attempts are on disk; what waited for that is started by the next `process`.
    package func recorded(_ attempts: [Attempt]) {
        // One that failed may come to the disk when the next one of the same callback has been accepted already.
        for attempt in attempts where attempt.outcome == .accepted {
            if let lane = unrecorded.removeValue(forKey: attempt.callback) { dispatcher.accepted(lane) }
        }
    }

    /// More tests than this at a time are refused.
    package static let mostTests = 4

    /// Sends a test callback now, outside all lanes and limits, and says what came of it when it has ended, within
    /// `process` or `cancelInFlight`. False when there are too many already, or the webhook is not in use.
    package func test(
        _ webhook: WebhookID, id: CallbackID, content: Content, now: MonotonicTime, wall: WallTime,
        done: @escaping (SideAnswer) -> Void
    ) -> Bool {
        guard asides.values.count(where: { $0.tested != nil }) < Self.mostTests, let webhook = webhooks[webhook] else {
            return false
        }
        let request = Request(testing: webhook, from: addresses, id: id, content: content, version: version, at: wall)
        begin(request, testing: webhook.id, now: now, done: done)
        return true
    }

    /// Asks another kind of server, by the rules that keep callbacks safe: `GET`, no redirect, no proxy, an answer of
    /// `SideAnswer.longestAnswer` bytes at most. Says what came of it within `process` or `cancelInFlight`, or at once when
    /// it cannot even begin.
    package func get(_ url: String, within limit: Duration, now: MonotonicTime, done: @escaping (SideAnswer) -> Void) {
        begin(Request(get: url, from: addresses, version: version, within: limit), testing: nil, now: now, done: done)
    }

    private func begin(
        _ request: Request, testing webhook: WebhookID?, now: MonotonicTime, done: @escaping (SideAnswer) -> Void
    ) {
        do throws(CurlError) {
            let transfer = try pool.take()
            transfer.keptBody.limit = webhook == nil ? SideAnswer.longestAnswer : SideAnswer.longestBody
            if webhook == nil { transfer.longestAnswer = SideAnswer.longestAnswer }
            try transfer.prepare(request)
            try multi.add(transfer.key)
            asides[transfer.key] = Aside(transfer: transfer, started: now, tested: webhook, done: done)
        } catch {
            done(SideAnswer(unsent: error))
        }
    }

    private func endAside(_ key: EasyHandle.Key, now: MonotonicTime, as end: (Transfer) -> Transfer.End) {
        guard let aside = asides.removeValue(forKey: key) else { return }
        let transfer = aside.transfer
        let answer = SideAnswer(
            end(transfer), body: transfer.keptBody.bytes, phases: transfer.phases,
            after: transfer.duration ?? now - aside.started)
        retire(transfer)
        if let webhook = aside.tested, answer.outcome == .accepted { dispatcher.tryNow(webhook, at: now) }
        aside.done(answer)
    }

    /// The webhooks whose receivers have answered 410 Gone since it was asked last: they want no more, and are to be
    /// suspended.
    package func takeGone() -> Set<WebhookID> {
        defer { gone = [] }
        return gone
    }

    /// Starts nothing any more; what is under way may come to its end.
    package func stopClaiming() { dispatcher.stopClaiming() }

    /// Ends all transfers under way, for shutdown. Those that have their answer are returned as ever, the rest as cancelled.
    package func cancelInFlight(now: MonotonicTime, wall: WallTime) -> [Attempt] {
        stopClaiming()
        for flight in unread.values { dispatcher.cancelled(flight.lane) }
        unread = [:]
        return proceed(now: now, wall: wall)
            + endAll(as: .cancelled, detail: "stopped before the receiver had answered", now: now, wall: wall)
    }

    /// Returns the attempt, if it ended before it began.
    private func start(_ pending: PendingCallback, now: MonotonicTime, wall: WallTime) -> Attempt? {
        let flight = Flight(pending: pending, startedAt: wall, started: now)
        // Cannot be, for the dispatcher knows the same webhooks; if it were, the callback would have to stay.
        guard let webhook = webhooks[flight.lane.webhook] else {
            return conclude(flight, .unsent("its webhook is not in use"), now: now, wall: wall)
        }
        guard !pending.isOnDisk else {
            unread[pending.callback.id] = flight
            unasked.append(pending.callback.id)
            return nil
        }
        do throws(CurlError) {
            let transfer = try prepared(pending.callback, to: webhook, at: wall)
            try multi.add(transfer.key)
            underWay[transfer.key] = (transfer, flight)
            if let wait = flight.waitSinceCommit { totals.firstSendDelay.add(wait) }
            return nil
        } catch {
            return conclude(flight, .unsent(error.description), now: now, wall: wall)
        }
    }

    /// Lets libcurl act, and takes what has ended.
    private func proceed(now: MonotonicTime, wall: WallTime) -> [Attempt] {
        var failure: CurlError?
        do { try multi.act(at: now) } catch { failure = error }
        #if FAILPOINTS
            for (transfer, _) in underWay.values where transfer.takeBegun() { Failpoint.pass("mid-send") }
        #endif
        var ended: [Attempt] = []
        while let (key, code) = multi.nextFinished() {
            guard let (transfer, flight) = underWay[key] else {
                endAside(key, now: now) { $0.end(code: code) }
                continue
            }
            let end = transfer.end(code: code)
            land(transfer)
            ended.append(conclude(flight, end, now: now, wall: wall))
        }
        if let failure {
            ended += endAll(as: .connection, detail: failure.description, now: now, wall: wall)
            // The set is of no more use. If there is no memory for another, the next turn comes here again.
            if let fresh = try? MultiHandle(events: events, maxConnections: limits.maxConcurrent) { multi = fresh }
        }
        return ended
    }

    private func endAll(as outcome: Outcome, detail: String, now: MonotonicTime, wall: WallTime) -> [Attempt] {
        for key in Array(asides.keys) { endAside(key, now: now) { $0.end(as: outcome, detail: detail) } }
        return underWay.values.map { transfer, flight in
            let end = transfer.end(as: outcome, detail: detail)
            land(transfer)
            return conclude(flight, end, now: now, wall: wall)
        }
    }

    private func land(_ transfer: Transfer) {
        underWay[transfer.key] = nil
        retire(transfer)
    }

    private func retire(_ transfer: Transfer) {
        multi.remove(transfer.key)
        pool.putBack(transfer)
    }

    /// Tells the dispatcher what becomes of the lane, and the caller what to record.
    private func conclude(_ flight: Flight, _ end: Transfer.End, now: MonotonicTime, wall: WallTime) -> Attempt {
        let attempt = flight.attempt(end, now: now, decide(flight, end, now: now, wall: wall))
        totals.add(attempt, end, of: flight.pending.callback, at: wall)
        return attempt
    }

    private func decide(_ flight: Flight, _ end: Transfer.End, now: MonotonicTime, wall: WallTime) -> Consequence {
        switch end.outcome {
        case .accepted:
            unrecorded[flight.pending.callback.id] = flight.lane
            return .delivered
        case .cancelled:
            dispatcher.cancelled(flight.lane)
            return .uncounted
        case .gone, .redirect, .rejected, .auth, .http4xx, .throttled, .http5xx, .dns, .connect, .tls, .timeout,
            .connection, .protocol, .resendPrevented, .blocked, .internal:
            if end.outcome == .gone { gone.insert(flight.lane.webhook) }
            let failure = Failure(end.outcome, statusCode: end.statusCode, retryAfter: end.retryAfter)
            switch dispatcher.failed(flight.lane, failure, at: now, using: &random) {
            case .again(let moment, let failures): return .retried(notBefore: wall + (moment - now), failures)
            case .never(let ending): return .dead(ending)
            }
        }
    }
}
