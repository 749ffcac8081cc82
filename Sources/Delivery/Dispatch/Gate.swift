package import Core

/// Whether a webhook's receiver is sent to as it comes, or is away and only tried now and then: a breaker that remembers one
/// thing, the run of failures.
///
/// ```
/// closed ─(three failures in a row that tell of the receiver; one that asks for peace)─► open
/// closed ◄──────────────(anything that says that the receiver is there)──────────────── open
/// ```
///
/// While it is open, the oldest callback alone is tried, at a pace that slows down: 5 s doubling to 60 s in the first
/// hour, then 5 min, after a day 15 min. So a receiver that is well again has its callbacks after 72 s at most in the
/// first hour, and one that is not is left alone.
package struct Gate: Hashable, Sendable {
    /// Since when it is open, and what comes of it.
    package struct Opening: Hashable, Sendable {
        package let since: MonotonicTime
        /// What the last failure was.
        package fileprivate(set) var cause: Outcome
        /// How often it was tried.
        package fileprivate(set) var tries: Int
        /// When it is tried next; nothing is sent before.
        package fileprivate(set) var nextTry: MonotonicTime
    }

    /// Nil while it is closed.
    package private(set) var opening: Opening?
    /// Since the last sign that the receiver is there.
    private var failures = 0

    /// So many in a row open it: one bad answer is no reason to hold what waits for others.
    static let failuresToOpen = 3

    package init() {}

    package var isOpen: Bool { opening != nil }

    /// An attempt has failed; `isTry` when it was the one that an open gate lets through.
    mutating func note(
        _ failure: Failure, isTry: Bool, at now: MonotonicTime, using random: inout some RandomNumberGenerator
    ) {
        switch failure.sign {
        case .isThere: return close()
        case .mayBeAway: failures += 1
        case .isAway: failures = max(failures, Self.failuresToOpen)
        case .nothing: break
        }
        guard var opening else {
            guard failures >= Self.failuresToOpen else { return }
            self.opening = Opening(
                since: now, cause: failure.outcome, tries: 0,
                nextTry: now + Self.pause(after: failure, tries: 0, openFor: .zero, using: &random))
            return
        }
        if isTry {
            opening.tries += 1
            if failure.sign != .nothing { opening.cause = failure.outcome }
            opening.nextTry =
                now + Self.pause(after: failure, tries: opening.tries, openFor: now - opening.since, using: &random)
        } else if let asked = failure.boundedRetryAfter {
            // One that was under way when it opened.
            opening.nextTry = max(opening.nextTry, now + asked)
        }
        self.opening = opening
    }

    mutating func close() {
        opening = nil
        failures = 0
    }

    /// Something has changed that may have mended it: it is tried at once, and stays open until that has told.
    mutating func tryNow(_ now: MonotonicTime) {
        guard let nextTry = opening?.nextTry else { return }
        opening?.nextTry = min(nextTry, now)
    }

    /// Until the next try, spread by ±20 %.
    private static func pause(
        after failure: Failure, tries: Int, openFor: Duration, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let pace: Duration =
            switch openFor {
            // Nothing but a change of the configuration mends it, and that has it tried at once.
            case _ where failure.isOfConfiguration: .seconds(900)
            case ..<Duration.seconds(3600): .seconds(min(5 << min(tries, 4), 60))
            case ..<Duration.seconds(86_400): .seconds(300)
            default: .seconds(900)
            }
        return max(pace.spread(using: &random), failure.boundedRetryAfter ?? .zero)
    }
}

extension Failure {
    /// More than an hour is taken for an hour.
    var boundedRetryAfter: Duration? { retryAfter.map { min($0, RetrySchedule.longestRetryAfter) } }
}

extension Duration {
    /// In whole milliseconds, by up to 20 % less or more: so that what failed together does not come back together.
    func spread(using random: inout some RandomNumberGenerator) -> Duration {
        let milliseconds = wholeMilliseconds
        return .milliseconds(Int64.random(in: milliseconds * 4 / 5...milliseconds * 6 / 5, using: &random))
    }
}
