/// What a sensor, or the USB mode, says of a phone.
package enum Verdict: Hashable, Sendable {
    case unknown
    case ready
    case notReady(Reason)

    package var isReady: Bool { self == .ready }
}

/// Can the phone be used: the last verdict that held long enough.
///
/// Trailing debounce: a verdict that differs from the settled one must stand for its hold before it counts, a change of
/// kind starts the hold again, and the last one always wins in the end. A first `ready` counts at once.
package struct Health: Hashable, Sendable {
    package private(set) var settled: Verdict = .unknown
    private var candidate: Verdict?
    /// Since when the candidate, or an unknown without candidate, stands.
    private var since: MonotonicTime?

    package init() {}

    /// What was said last, whether it has held for long enough or not.
    package var latest: Verdict { candidate ?? settled }

    /// A verdict came in, perhaps the same as before.
    package mutating func observed(_ verdict: Verdict, at now: MonotonicTime) {
        switch (settled, verdict) {
        case (.unknown, .unknown):
            if candidate != nil || since == nil { since = now }
            candidate = nil
        case (_, .unknown):
            // A sensor that has nothing to say takes nothing back.
            candidate = nil
            since = nil
        case (.unknown, .ready), (.ready, .ready):
            settle(.ready)
        case (.notReady, .notReady):
            // Another reason is no change of health: it is shown at once.
            settle(verdict)
        case (.notReady, .ready), (.unknown, .notReady), (.ready, .notReady):
            if candidate?.isReady != verdict.isReady { since = now }
            candidate = verdict
        }
    }

    /// The cable is out: a verdict that is still held was about a phone on its way out.
    package mutating func deviceDetached() {
        candidate = nil
        since = nil
    }

    /// The phone is unplugged for good: the next one starts from nothing.
    package mutating func forget() { self = Health() }

    package mutating func timePassed(_ now: MonotonicTime, rules: DetectionRules) {
        guard let deadline = deadline(rules), deadline <= now else { return }
        settle(candidate ?? .notReady(.activationTimeout))
    }

    package func deadline(_ rules: DetectionRules) -> MonotonicTime? {
        guard let since else { return nil }
        return switch candidate {
        case nil: since + rules.activation
        case .ready?: since + rules.onlineHold
        case .notReady?, .unknown?: since + rules.offlineHold
        }
    }

    private mutating func settle(_ verdict: Verdict) {
        settled = verdict
        candidate = nil
        since = nil
    }
}
