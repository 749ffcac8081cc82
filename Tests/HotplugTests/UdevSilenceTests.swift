import Core
import Testing

@testable import Hotplug

@Suite struct UdevSilenceTests {
    private var silence = UdevSilence()
    private let end = MonotonicTime.start + UdevSilence.limit

    private let phone = Uevent.kernel(.added, 10, number: 5)

    /// A container: the kernel is heard, udevd never.
    @Test mutating func udevd_IsSilent_WhenItNeverAnswers() {
        silence.kernelAdded(phone, at: .start)
        #expect(silence.timePassed(.start + UdevSilence.patience) == [.owed([phone])])
        #expect(silence.deadline == end)
        #expect(silence.timePassed(end + .nanoseconds(-1)).isEmpty)
        #expect(silence.timePassed(end) == [.silent(sequence: 10)])
        #expect(silence.deadline == nil)
    }

    @Test mutating func udevd_IsFine_WhenItAnswersInTime() {
        silence.kernelAdded(phone, at: .start)
        silence.udevSpoke(10, at: .start + .seconds(2))
        #expect(silence.timePassed(end).isEmpty)
        #expect(silence.deadline == nil)
    }

    /// A phone flaps, and udevd is 11 s behind: the phone is looked for meanwhile, and udev stays the source.
    @Test mutating func udevd_IsFine_WhenItAnswersLate() {
        silence.kernelAdded(phone, at: .start)
        #expect(silence.timePassed(.start + UdevSilence.patience) == [.owed([phone])])
        silence.udevSpoke(10, at: .start + .seconds(11))
        #expect(silence.timePassed(end).isEmpty)
    }

    /// A worker of udevd hangs with one phone; the others get their word.
    @Test mutating func udevd_IsFine_WhenItSpeaksOfOthers() {
        silence.kernelAdded(phone, at: .start)
        silence.udevSpoke(12, at: .start + .seconds(1))
        #expect(silence.timePassed(.start + UdevSilence.patience) == [.owed([phone])])
        #expect(silence.timePassed(end).isEmpty)
        #expect(silence.deadline == nil)
    }

    @Test mutating func udevd_IsSilent_WhenItsLastWordIsOlder() {
        silence.udevSpoke(9, at: .start)
        silence.kernelAdded(phone, at: .start + .seconds(1))
        #expect(silence.timePassed(end + .seconds(1)) == [.owed([phone]), .silent(sequence: 10)])
    }

    /// Both sockets are readable, and udevd's was read last time round, after the kernel's.
    @Test mutating func answerTakenBeforeTheAnnouncement_Counts() {
        silence.udevSpoke(10, at: .start)
        silence.kernelAdded(phone, at: .start)
        #expect(silence.deadline == nil)
    }

    @Test mutating func nothingIsOwed_ForWhatIsGone() {
        silence.kernelAdded(phone, at: .start)
        silence.kernelRemoved(at: port)
        #expect(silence.deadline == nil)
    }

    @Test mutating func nothingIsOwed_WhenMessagesWereLost() {
        silence.kernelAdded(phone, at: .start)
        silence.messagesLost()
        #expect(silence.timePassed(end).isEmpty)
    }

    @Test mutating func announcementsWithoutSequence_ProveNothing() {
        silence.kernelAdded(.kernel(.added, nil, number: 5), at: .start)
        #expect(silence.deadline == nil)
    }
}
