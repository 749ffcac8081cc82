internal import Core

/// Notices that udevd does not pass on what the kernel announces. Pure; time is a parameter.
struct UdevSilence {
    enum Verdict: Hashable {
        /// Announced `patience` ago, and udevd has not come to them yet: to be read without it.
        case owed([Uevent])
        /// Since this event of the kernel's, `limit` ago, nothing at all has come from udevd.
        case silent(sequence: UInt64)
    }

    /// How long a phone waits for udevd before it is looked for in sysfs: an idle udevd takes well below a second, a crowd of
    /// arrivals or one stuck worker of udevd's longer, and neither is the phone's fault.
    static let patience = Duration.seconds(3)
    /// How long udevd may take from the kernel's `add` to its own before it is held to be out of reach.
    ///
    /// Under flapping it was measured 2–11 s late, so less would be a false alarm; its own limit for one event is 180 s. A
    /// false alarm does no harm: the identity is read from sysfs either way, and udev is in force again with its next
    /// message.
    static let limit = Duration.seconds(15)
    /// More than the ports of a rack; a flood of announcements beyond it needs no more witnesses.
    static let announcementsKept = 256

    private struct Announcement {
        let uevent: Uevent
        let since: MonotonicTime
        var isRead = false

        var deadline: MonotonicTime { since + (isRead ? UdevSilence.limit : UdevSilence.patience) }
    }

    /// What the kernel announced and udevd has not yet, by SEQNUM.
    private var owed: [UInt64: Announcement] = [:]
    private var lastHeard: MonotonicTime?
    private var highestHeard: UInt64 = 0

    mutating func kernelAdded(_ uevent: Uevent, at now: MonotonicTime) {
        // Both sockets are read one after the other: udevd's word may have been taken before the kernel's.
        guard let sequence = uevent.sequence, sequence > highestHeard, owed.count < Self.announcementsKept else {
            return
        }
        owed[sequence] = Announcement(uevent: uevent, since: now)
    }

    /// udevd need not say anything of what is gone again.
    mutating func kernelRemoved(at devpath: String) {
        owed = owed.filter { $0.value.uevent.devpath != devpath }
    }

    mutating func udevSpoke(_ sequence: UInt64?, at now: MonotonicTime) {
        lastHeard = now
        guard let sequence else { return }
        highestHeard = max(highestHeard, sequence)
        owed[sequence] = nil
    }

    /// udevd's word may be among what was dropped.
    mutating func messagesLost() { owed = [:] }

    var deadline: MonotonicTime? { owed.values.map(\.deadline).min() }

    mutating func timePassed(_ now: MonotonicTime) -> [Verdict] {
        var verdicts: [Verdict] = []
        let late = owed.filter { !$0.value.isRead && $0.value.deadline <= now }
        for sequence in late.keys { owed[sequence]?.isRead = true }
        if !late.isEmpty { verdicts.append(.owed(late.sorted { $0.key < $1.key }.map(\.value.uevent))) }

        let overdue = owed.filter { $0.value.deadline <= now }
        for sequence in overdue.keys { owed[sequence] = nil }
        let unanswered = overdue.filter { _, announcement in lastHeard.map { $0 < announcement.since } ?? true }
        if let first = unanswered.keys.min() {
            owed = [:]
            verdicts.append(.silent(sequence: first))
        }
        return verdicts
    }
}
