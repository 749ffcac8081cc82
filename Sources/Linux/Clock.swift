internal import CLinux
internal import Glibc
package import Core

extension MonotonicTime {
    /// `CLOCK_MONOTONIC`, which stands still while the host is suspended.
    package static func now() -> MonotonicTime { MonotonicTime(nanoseconds: read(CLOCK_MONOTONIC)) }
}

extension WallTime {
    package static func now() -> WallTime { WallTime(milliseconds: read(CLOCK_REALTIME) / 1_000_000) }
}

extension BootTime {
    /// `CLOCK_BOOTTIME`.
    package static func now() -> BootTime { BootTime(nanoseconds: read(CLOCK_BOOTTIME)) }
}

extension ClockReading {
    /// One after the other, within a microsecond.
    package static func now() -> ClockReading { ClockReading(monotonic: .now(), boot: .now(), wall: .now()) }
}

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

extension WallTime {
    /// Whether the kernel calls the wall clock synchronised (`adjtimex(2)`). Changes nothing and needs no right.
    package static func isSynchronised() throws(SystemError) -> Bool {
        var clock = timex()
        let state = adjtimex(&clock)
        guard state >= 0 else { throw SystemError("adjtimex") }
        return state != TIME_ERROR
    }
}
