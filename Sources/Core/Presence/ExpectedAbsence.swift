/// Somebody has said that a phone will be away for a while, because it is rebooted or flashed.
///
/// It ends when the phone is back and ready after it has been away, when the time is up, or by cancellation. Until then
/// the phone is offline (`rebooting`) where it would be unplugged.
package struct ExpectedAbsence: Hashable, Sendable {
    /// Nobody flashes a phone for longer; a forgotten one must not hide for ever that a phone is gone.
    package static let longest = Duration.seconds(15 * 60)
    package static let shortest = Duration.seconds(1)

    package let until: WallTime
    /// Why, in the words of whoever said so; may be empty.
    package let reason: String
    /// Whether the phone has been away, or in a mode such as bootloader, since then: one that is ready has returned.
    package var hasBegun: Bool

    package init(until: WallTime, reason: String, hasBegun: Bool = false) {
        self.until = until
        self.reason = reason
        self.hasBegun = hasBegun
    }

    /// What is left of it, never more than the longest: the wall clock may have been set meanwhile.
    func remaining(at now: WallTime) -> Duration {
        guard until > now else { return .zero }
        let (left, overflow) = until.milliseconds.subtractingReportingOverflow(now.milliseconds)
        return overflow ? Self.longest : min(.milliseconds(left), Self.longest)
    }
}

/// What has ended an expected absence.
package enum AbsenceEnd: String, Hashable, Sendable, CaseIterable {
    case returned, timeUp, cancelled
}

extension TrackedDevice {
    /// A second time replaces the first; that the phone is away already stays known.
    mutating func expect(_ absence: ExpectedAbsence, until deadline: MonotonicTime) {
        var absence = absence
        absence.hasBegun = absence.hasBegun || record.expectedAbsence?.hasBegun == true
        record.expectedAbsence = absence
        absenceDeadline = deadline
    }

    mutating func endAbsence() {
        record.expectedAbsence = nil
        absenceDeadline = nil
    }

    /// Whether the time is up; not while a removal that was due before is still to be dealt with.
    func isAbsenceOver(_ now: MonotonicTime) -> Bool {
        guard let absenceDeadline, absenceDeadline <= now else { return false }
        return presence.deadline.map { $0 >= absenceDeadline } ?? true
    }

    /// True when the phone has come back and can be used. `isInMode`: it is there in a mode in which it cannot be.
    mutating func hasReturned(isInMode: Bool) -> Bool {
        guard let absence = record.expectedAbsence else { return false }
        if presence == .absent || presence == .present && isInMode {
            record.expectedAbsence?.hasBegun = true
            return false
        }
        return absence.hasBegun && presence == .present && health.settled.isReady
    }
}
