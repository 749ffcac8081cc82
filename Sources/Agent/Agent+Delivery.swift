internal import Core
internal import Delivery
internal import Linux
internal import Logging
internal import Store

// Callbacks, from the disk to their receivers, and what comes of them back to the disk.
extension Agent {
    /// Those of a webhook that went while they were on their way to the disk are cancelled; what is there stays.
    func enqueue(_ callbacks: [Callback], committedAt moment: MonotonicTime, _ now: MonotonicTime) {
        let time = WallTime.now()
        let orphans = callbacks.filter { !delivery.serves($0.lane.webhook) }
        let kept = orphans.isEmpty ? callbacks : callbacks.filter { delivery.serves($0.lane.webhook) }
        delivery.enqueue(
            kept.map { PendingCallback(callback: $0, committedAt: moment) }, now: now, wall: time)
        takeSettlements(now)
        guard !orphans.isEmpty else { return }
        giveUp(orphans.map { Settlement($0.id, as: .cancelled) }, at: time)
    }

    /// By a clock of its own: what the turn has done before this is part of how long a callback had to wait.
    func deliver() {
        let now = MonotonicTime.now()
        take(delivery.process(now: now, wall: .now()), now)
    }

    /// Contents have been read; nil when the disk gives none.
    func supply(_ contents: [CallbackID: Content]?) {
        let now = MonotonicTime.now()
        take(delivery.supply(contents, of: unread.removeFirst(), now: now, wall: .now()), now)
    }

    func tellWhetherTheDiskTakes() {
        if ledger.refusal == nil { logger.notice("store.recovered", metadata: ["lost": "\(ledger.totals.lost)"]) }
        if case .ready = phase { service.status(statusLine) }
    }

    private func take(_ attempts: [Attempt], _ now: MonotonicTime) {
        takeSettlements(now)
        let ids = delivery.takeUnread()
        if !ids.isEmpty {
            unread.append(ids)
            committer.submit(contentsOf: ids)
        }
        guard !attempts.isEmpty else { return }
        #if FAILPOINTS
            if attempts.contains(where: { $0.outcome == .accepted }) { Failpoint.pass("after-accept") }
        #endif
        ledger.add { $0.attempts += attempts }
        told.attempts += attempts
        suspendWhatIsGone()
        noteWhoIsAway()
        noteClockSkew()
    }

    /// What is not sent any more goes to the disk like all else.
    func giveUp(_ settlements: [Settlement], at time: WallTime) {
        ledger.add { $0.givenUp += settlements.map { GivenUp($0.callback, as: $0.ending, at: time) } }
    }

    private func takeSettlements(_ now: MonotonicTime) {
        let settlements = delivery.takeSettlements()
        guard !settlements.isEmpty else { return }
        giveUp(settlements, at: .now())
        let expired = settlements.count { $0.ending == .expired }
        if expired > 0 { logger.warning("callbacks.expired", metadata: ["count": "\(expired)"]) }
        // Once a minute: where one is dropped, another is soon.
        guard settlements.contains(where: { $0.ending == .dropped }),
            droppedToldAt.map({ now - $0 >= .seconds(60) }) ?? true
        else { return }
        droppedToldAt = now
        logger.error(
            "callbacks.dropped",
            metadata: [
                "total": "\(delivery.totals.ended[.dropped, default: 0])", "why": "more wait than are kept",
                "waiting": "\(delivery.waiting)",
            ])
    }

    /// Logs once that a receiver is taken for away, and once that it is back.
    private func noteWhoIsAway() {
        for webhook in plan.webhooks {
            let opening = delivery.opening(of: webhook.id)
            guard (opening != nil) != (away[webhook.id] != nil) else { continue }
            away[webhook.id] = opening?.cause
            if let opening {
                tally.gateOpenings += 1
                logger.warning(
                    "receiver.away",
                    metadata: [
                        "webhook": "\(webhook.id.value)", "outcome": "\(opening.cause.rawValue)",
                        "waiting": "\(delivery.counts(of: webhook.id).waiting)", "advice": "\(opening.cause.advice)",
                    ])
            } else {
                logger.notice("receiver.back", metadata: ["webhook": "\(webhook.id.value)"])
            }
        }
        let inForce = Set(plan.webhooks.map(\.id))
        away = away.filter { inForce.contains($0.key) }
    }

    func takeRenewed(_ result: Result<Renewed, StoreError>, _ now: MonotonicTime) {
        if case .success(let renewed) = result {
            delivery.enqueue(renewed.callbacks, now: now, wall: .now())
            takeSettlements(now)
        }
        renewals.removeFirst()(result)
    }
}

extension Outcome {
    /// What mends it.
    var advice: String {
        switch self {
        case .redirect: "give the webhook the address that its receiver has now: redirects are not followed"
        case .auth: "mend the webhook's auth, or what its receiver asks for"
        case .tls: "mend the receiver's certificate, or the webhook's tls"
        case .dns: "check the host in the webhook's url, and the name servers of this host"
        case .blocked: "allow the receiver's address in the configuration, or give another url"
        case .accepted, .rejected, .http4xx, .gone, .throttled, .http5xx, .connect, .timeout, .connection, .protocol,
            .resendPrevented, .internal, .cancelled:
            "nothing is lost: it is tried again by itself, and at once by plughook webhooks resume or test"
        }
    }
}
