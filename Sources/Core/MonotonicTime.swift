/// A moment on the monotonic clock (`CLOCK_MONOTONIC`): for everything that waits or is measured.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start, the same for all processes of one boot.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    package static func + (a: Self, b: Duration) -> Self {
        Self(nanoseconds: a.nanoseconds.addingSaturating(b.wholeNanoseconds))
    }

    package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds) - .nanoseconds(b.nanoseconds) }
}

/// A moment on the wall clock, in milliseconds since 1970 UTC: only for what people, receivers and disks read.
package struct WallTime: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}

/// A moment on the boot clock (`CLOCK_BOOTTIME`), which goes on while the host is suspended: for deadlines on disk.
package struct BootTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the boot.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    package static func + (a: Self, b: Duration) -> Self {
        Self(nanoseconds: a.nanoseconds.addingSaturating(b.wholeNanoseconds))
    }

    package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds) - .nanoseconds(b.nanoseconds) }
}

/// One moment on all clocks.
package struct ClockReading: Hashable, Sendable {
    package let monotonic: MonotonicTime
    package let boot: BootTime
    package let wall: WallTime

    package init(monotonic: MonotonicTime, boot: BootTime, wall: WallTime) {
        self.monotonic = monotonic
        self.boot = boot
        self.wall = wall
    }
}

extension WallTime {
    /// Saturating.
    package static func + (a: Self, b: Duration) -> Self {
        Self(milliseconds: a.milliseconds.addingSaturating(b.wholeMilliseconds))
    }

    package static func - (a: Self, b: Self) -> Duration {
        .milliseconds(a.milliseconds) - .milliseconds(b.milliseconds)
    }
}

extension Duration {
    /// Nanoseconds, saturating at ±292 years.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product.addingSaturating(attoseconds / 1_000_000_000)
    }

    package var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
