import Core
import Testing

@testable import Hotplug

@Suite struct WitnessTests {
    private var witness = Witness()
    private let phone = USBAddress(bus: 1, number: 5)

    @Test mutating func left_IsAMismatch_WhenNoRemovalIsTold() {
        witness.saw(.left(phone), isPresent: true, at: .start)
        let due = MonotonicTime.start + Witness.leftPatience
        #expect(witness.deadline == due)
        #expect(witness.timePassed(due + .nanoseconds(-1)).isEmpty)
        #expect(witness.timePassed(due) == [.leftUntold(phone)])
        #expect(witness.timePassed(due).isEmpty)
    }

    @Test mutating func left_IsAgreement_WhenTheRemovalIsTold() {
        witness.saw(.left(phone), isPresent: true, at: .start)
        witness.detachedTold(phone)
        #expect(witness.deadline == nil)
    }

    @Test mutating func left_IsAgreement_WhenItWasToldBefore() {
        witness.saw(.left(phone), isPresent: false, at: .start)
        #expect(witness.deadline == nil)
    }

    @Test mutating func arrived_IsAMismatch_WhenNothingIsTold() {
        witness.saw(.arrived(phone), isPresent: false, at: .start)
        #expect(witness.timePassed(.start + Witness.arrivedPatience) == [.arrivedUntold(phone)])
    }

    @Test mutating func arrived_IsAgreement_WhenItIsTold() {
        witness.saw(.arrived(phone), isPresent: false, at: .start)
        witness.attachedTold(phone)
        #expect(witness.deadline == nil)
    }

    /// It came and went before it could be read.
    @Test mutating func arrivedAndLeft_IsNothing() {
        witness.saw(.arrived(phone), isPresent: false, at: .start)
        witness.saw(.left(phone), isPresent: false, at: .start)
        #expect(witness.deadline == nil)
    }

    /// A `change` re-read tells `attached` of a phone that libusb lost: no answer to its LEFT.
    @Test mutating func attached_DoesNotAnswerALeft() {
        witness.saw(.left(phone), isPresent: true, at: .start)
        witness.attachedTold(phone)
        #expect(witness.deadline != nil)
    }

    @Test mutating func snapshot_HasTheLastWord() {
        let other = USBAddress(bus: 1, number: 6)
        witness.saw(.left(phone), isPresent: true, at: .start)
        witness.saw(.arrived(other), isPresent: false, at: .start)
        witness.snapshotTold([phone, other])
        #expect(witness.deadline == nil)
    }

    @Test mutating func snapshotBegunBeforeAnArrival_DoesNotSettleIt() {
        witness.saw(.arrived(phone), isPresent: false, at: .start)
        witness.snapshotTold([])
        #expect(witness.deadline != nil)
    }
}
