package import Core

/// When a callback that was not accepted is tried again.
///
/// Dense at first, for a status grows stale in minutes and most outages of a receiver in the house are restarts; six
/// hours apart in the end. Each delay is spread by ±20 %, so that lanes that failed together do not come back together.
package enum RetrySchedule {
    private static let steps: [Duration] = [
        .seconds(5), .seconds(15), .seconds(30), .seconds(60), .seconds(120), .seconds(300), .seconds(600),
        .seconds(900), .seconds(1800), .seconds(3600), .seconds(7200), .seconds(14_400), .seconds(21_600),
    ]
    /// What a receiver may ask for; more is taken as this.
    package static let longestRetryAfter = Duration.seconds(3600)

    /// The delay after the given number of failures (from 1), in whole milliseconds.
    ///
    /// A receiver's `Retry-After` can lengthen it, within bounds, and never shortens it.
    package static func delay(
        afterFailures failures: Int, retryAfter: Duration?, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let step = step(afterFailures: failures).wholeMilliseconds
        let spread = Duration.milliseconds(Int64.random(in: step * 4 / 5...step * 6 / 5, using: &random))
        return max(spread, min(retryAfter ?? .zero, longestRetryAfter))
    }

    /// The most that `delay` can be; what is due later than that was stored under another clock.
    package static func longestDelay(afterFailures failures: Int) -> Duration {
        max(step(afterFailures: failures) * 6 / 5, longestRetryAfter)
    }

    /// The due time of a callback from the disk on this boot's monotonic clock; nil means at once.
    ///
    /// The wall clock may have been set back since it was stored: no wait is longer than its step allows.
    package static func due(of pending: PendingCallback, now: MonotonicTime, wall: WallTime) -> MonotonicTime? {
        guard let notBefore = pending.notBefore, notBefore > wall else { return nil }
        let (milliseconds, overflow) = notBefore.milliseconds.subtractingReportingOverflow(wall.milliseconds)
        let longest = longestDelay(afterFailures: pending.attempts)
        return now + (overflow ? longest : min(.milliseconds(milliseconds), longest))
    }

    private static func step(afterFailures failures: Int) -> Duration {
        steps[min(max(failures, 1), steps.count) - 1]
    }
}
