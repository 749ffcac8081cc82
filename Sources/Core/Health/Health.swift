/// What a sensor, or the USB mode, says of a phone.
package enum Verdict: Hashable, Sendable {
    /// It is asked, and nothing was said yet.
    case unknown
    /// It answers, and does not know the phone; or it was away when the phone came. Should that last, this is why.
    case missing(Reason)
    /// Nobody can be asked: what was told last stands.
    case unsensed
    case ready
    case notReady(Reason)

    package var isReady: Bool { self == .ready }
    fileprivate var isNotReady: Bool { if case .notReady = self { true } else { false } }
}

/// Can the phone be used: the last verdict that held long enough.
///
/// Trailing debounce: a verdict that differs from the settled one must stand for its hold before it counts, a change of
/// kind starts the hold again, and the last one always wins in the end. A first `ready` counts at once.
package struct Health: Hashable, Sendable {
    package private(set) var settled: Verdict = .unknown
    private var candidate: Verdict?
    /// Since when the candidate, or a silence without candidate, stands.
    private var since: MonotonicTime?
    /// What is told of a silence that lasts.
    private var silence = Reason.activationTimeout

    package init() {}

    /// What was said last, whether it has held for long enough or not.
    package var latest: Verdict { candidate ?? settled }

    /// A verdict came in, perhaps the same as before.
    package mutating func observed(_ verdict: Verdict, at now: MonotonicTime) {
        switch verdict {
        case .unsensed: drop()
        // A sensor that has nothing to say yet takes nothing back.
        case .unknown: settled.isReady || settled.isNotReady ? drop() : wait(for: .activationTimeout, since: now)
        case .missing(let reason): settled.isNotReady ? drop() : wait(for: reason, since: now)
        case .ready: settled.isNotReady ? hold(verdict, since: now) : settle(verdict)
        // Another reason is no change of health: it is shown at once.
        case .notReady: settled.isNotReady ? settle(verdict) : hold(verdict, since: now)
        }
    }

    /// The cable is out: a verdict that is still held was about a phone on its way out.
    package mutating func deviceDetached() { drop() }

    /// The phone is unplugged for good: the next one starts from nothing.
    package mutating func forget() { self = Health() }

    package mutating func timePassed(_ now: MonotonicTime, rules: DetectionRules) {
        guard let deadline = deadline(rules), deadline <= now else { return }
        settle(candidate ?? .notReady(silence))
    }

    package func deadline(_ rules: DetectionRules) -> MonotonicTime? {
        guard let since else { return nil }
        return switch candidate {
        case nil: since + rules.activation
        case .ready?: since + rules.onlineHold
        case .notReady?, .unknown?, .missing?, .unsensed?: since + rules.offlineHold
        }
    }

    private mutating func hold(_ verdict: Verdict, since now: MonotonicTime) {
        if candidate?.isReady != verdict.isReady { since = now }
        candidate = verdict
    }

    private mutating func drop() {
        candidate = nil
        since = nil
    }

    private mutating func wait(for reason: Reason, since now: MonotonicTime) {
        if candidate != nil || since == nil { since = now }
        candidate = nil
        silence = reason
    }

    private mutating func settle(_ verdict: Verdict) {
        settled = verdict
        candidate = nil
        since = nil
    }
}
