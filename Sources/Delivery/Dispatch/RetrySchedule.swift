package import Core

/// When a callback that was not accepted is tried again.
///
/// A receiver that is away is the matter of its webhook's `Gate`; this is for a callback by itself. Dense at first, for a
/// status grows stale in minutes and most outages of a receiver in the house are restarts; six hours apart in the end. Each delay is spread by ±20 %, so that lanes that failed together do not come back together.
package enum RetrySchedule {
    private static let steps: [Duration] = [
        .seconds(5), .seconds(15), .seconds(30), .seconds(60), .seconds(120), .seconds(300), .seconds(600),
        .seconds(900), .seconds(1800), .seconds(3600), .seconds(7200), .seconds(14_400), .seconds(21_600),
    ]
    /// What a receiver may ask for; more is taken as this.
    static let longestRetryAfter = Duration.seconds(3600)
    /// Of one that its receiver calls wrong: two more tries, and it is given up.
    private static let doubts: [Duration] = [.seconds(5), .seconds(30)]
    /// After this, a callback that nobody has accepted is given up.
    package static let longestAge = Duration.seconds(72 * 3600)

    /// How long a callback that had failed thus before waits after this failure, too, in whole milliseconds; nil when it is
    /// given up.
    ///
    /// A receiver's `Retry-After` can lengthen it, within bounds, and never shortens it.
    static func pause(
        after failure: Failure, _ failures: Failures, using random: inout some RandomNumberGenerator
    ) -> Duration? {
        let pause: Duration
        switch failure.treatment {
        case .doubted:
            guard doubts.indices.contains(failures.rejections) else { return nil }
            pause = doubts[failures.rejections]
        case .retried, .spared: pause = step(afterFailures: failures.steps &+ 1)
        case .postponed: pause = .seconds(60)
        }
        return max(pause.spread(using: &random), failure.boundedRetryAfter ?? .zero)
    }

    /// The most that a pause can be; what is due later than that was stored under another clock.
    static func longestPause(afterFailures failures: Int) -> Duration {
        max(step(afterFailures: failures) * 6 / 5, longestRetryAfter)
    }

    /// The due time of a callback from the disk on this boot's monotonic clock; nil means at once.
    ///
    /// What is due later than any pause is long was stored under another clock: it waits as if it had failed just now.
    package static func due(of pending: PendingCallback, now: MonotonicTime, wall: WallTime) -> MonotonicTime? {
        guard let notBefore = pending.notBefore, notBefore > wall else { return nil }
        let (milliseconds, overflow) = notBefore.milliseconds.subtractingReportingOverflow(wall.milliseconds)
        let longest = longestPause(afterFailures: pending.failures.steps)
        let isOfThisClock = !overflow && .milliseconds(milliseconds) <= longest
        return now + (isOfThisClock ? .milliseconds(milliseconds) : step(afterFailures: pending.failures.steps))
    }

    /// When it is given up, on this boot's monotonic clock. The clock that its age is taken by may have been wrong when it
    /// was made: nothing waits for longer than it may by the clock of now.
    package static func expiry(of pending: PendingCallback, now: MonotonicTime, wall: WallTime) -> MonotonicTime {
        now + min(max(longestAge - (wall - pending.since), .zero), longestAge)
    }

    private static func step(afterFailures failures: Int) -> Duration {
        steps[min(max(failures, 1), steps.count) - 1]
    }
}
