internal import Core
internal import Linux

/// Says of a monotonic moment when it is or was by the wall clock, and the same of the same moment each time it is asked.
///
/// The two clocks cannot be read at once, so their difference is kept until it has really become another: the clock was set.
struct SteadyWallClock {
    private var milliseconds: Int64?

    /// More than a reading's error or a correction by NTP within a few minutes, less than anybody would notice.
    static let tolerance: Int64 = 50

    mutating func time(of moment: MonotonicTime) -> WallTime {
        time(of: moment, now: .now(), wall: .now())
    }

    mutating func time(of moment: MonotonicTime, now: MonotonicTime, wall: WallTime) -> WallTime {
        let difference = wall.milliseconds - now.nanoseconds / 1_000_000
        let kept = milliseconds.map { abs($0 - difference) <= Self.tolerance ? $0 : difference } ?? difference
        milliseconds = kept
        return WallTime(milliseconds: moment.nanoseconds / 1_000_000 + kept)
    }
}
