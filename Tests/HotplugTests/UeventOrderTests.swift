import Core
import Testing

@testable import Hotplug

/// Each test is a race, told from the messages' point of view.
@Suite struct UeventOrderTests {
    private var order = UeventOrder()

    @Test mutating func add_IsToldOnceSysfsConfirmsIt() {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        #expect(reading.expected == USBAddress(bus: 1, number: 5))
        #expect(order.deviceRead(reading.id, at: port, phone(5)) == [.attached(phone(5))])
        #expect(order.isPresent(USBAddress(bus: 1, number: 5)))
    }

    @Test mutating func add_IsDropped_WhenSysfsDoesNotConfirmIt() {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        #expect(order.deviceRead(reading.id, at: port, nil) == [.late(devpath: port)])
    }

    /// The cable is pulled; seconds later udevd gets round to the `add` of that plugging.
    @Test mutating func lateAdd_IsIgnored_AfterTheKernelsRemoval() {
        attach(5, sequence: 10)
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: 5)) == [.detached(place(5))])
        #expect(order.deviceSeen(.udev(.added, 10, number: 5), at: .start) == [.late(devpath: port)])
        #expect(order.deviceSeen(.udev(.changed, 14, number: 5), at: .start) == [.late(devpath: port)])
        #expect(order.deviceSeen(.udev(.added, 15, number: 6), at: .start).count == 1)
    }

    /// udevd's `remove` of the first plugging comes when the second one is there already.
    @Test mutating func udevsRemoval_IsNotToldAgain_AfterTheKernels() {
        attach(5, sequence: 10)
        _ = order.deviceRemoved(.kernel(.removed, 14, number: 5))
        attach(6, sequence: 15)
        #expect(order.deviceRemoved(.udev(.removed, 14, number: 5)).isEmpty)
        #expect(order.isPresent(USBAddress(bus: 1, number: 6)))
    }

    /// In a mock both sockets get everything, so udevd's word can be taken first.
    @Test mutating func kernelsRemoval_IsNotToldAgain_AfterUdevs() {
        attach(5, sequence: 10)
        #expect(order.deviceRemoved(.udev(.removed, 14, number: 5)) == [.detached(place(5))])
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: 5)).isEmpty)
    }

    /// Where the kernel's group cannot be heard, udevd's late `remove` names the plugging that it means.
    @Test mutating func udevsRemoval_SparesTheNextPlugging() {
        attach(6, sequence: 15)
        #expect(order.deviceRemoved(.udev(.removed, 16, number: 5)) == [.detached(place(5))])
        #expect(order.isPresent(USBAddress(bus: 1, number: 6)))
    }

    @Test mutating func noRuleApplies_WhenSequenceIsMissing() {
        attach(5, sequence: nil)
        #expect(order.deviceRemoved(.kernel(.removed, nil, number: 5)) == [.detached(place(5))])
        #expect(order.deviceSeen(.udev(.added, nil, number: 5), at: .start).count == 1)
    }

    @Test mutating func removalWithoutAddress_MeansTheRememberedOne() {
        attach(5, sequence: 10)
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: nil)) == [.detached(place(5))])
    }

    @Test mutating func removalWithoutAddress_MeansTheOneBeingRead() {
        _ = order.deviceSeen(.udev(.added, 10, number: 5), at: .start)
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: nil)) == [.detached(place(5))])
    }

    @Test mutating func removalOfNobody_IsNothing() {
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: nil)).isEmpty)
    }

    /// The phone resets: the worker hangs in its `serial` and comes back after the cable was pulled.
    @Test mutating func readUnderWay_IsThrownAway_WhenTheDeviceIsRemoved() {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        #expect(order.deviceRemoved(.kernel(.removed, 14, number: 5)) == [.detached(place(5))])
        #expect(order.deviceRead(reading.id, at: port, phone(5)) == [.late(devpath: port)])
    }

    /// Pulled and plugged while the worker hangs: only the second plugging's read counts.
    @Test mutating func readOfTheNextPlugging_Counts() {
        let first = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        _ = order.deviceRemoved(.kernel(.removed, 14, number: 5))
        let second = theReading(order.deviceSeen(.udev(.added, 15, number: 6), at: .start))
        #expect(order.deviceRead(first.id, at: port, nil).isEmpty)
        #expect(order.deviceRead(second.id, at: port, phone(6)) == [.attached(phone(6))])
    }

    /// The late `remove` of the plugging before does not stop a read of this one.
    @Test mutating func readUnderWay_GoesOn_WhenAnotherPluggingIsRemoved() {
        let reading = theReading(order.deviceSeen(.udev(.added, 15, number: 6), at: .start))
        _ = order.deviceRemoved(.udev(.removed, 16, number: 5))
        #expect(order.deviceRead(reading.id, at: port, phone(6)) == [.attached(phone(6))])
    }

    /// `bind` and three `change` while the worker is at the `add`: told, and read once more, not four times.
    @Test mutating func messagesDuringARead_LeadToOneMore() throws {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        for sequence in 11...14 {
            #expect(order.deviceSeen(.udev(.changed, UInt64(sequence), number: 5), at: .start).isEmpty)
        }
        let effects = order.deviceRead(reading.id, at: port, phone(5))
        #expect(effects.first == .attached(phone(5)))
        let again = theReading(Array(effects.dropFirst()))
        #expect(order.deviceRead(again.id, at: port, phone(5)) == [.attached(phone(5))])
    }

    /// The removal was lost (an overflow); the next phone on the port shows that the first is gone.
    @Test mutating func anotherDeviceInThePlace_DetachesTheFirst() {
        attach(5, sequence: 10)
        let reading = theReading(order.deviceSeen(.udev(.added, 20, number: 6), at: .start))
        #expect(order.deviceRead(reading.id, at: port, phone(6)) == [.detached(place(5)), .attached(phone(6))])
    }

    /// A worker of udevd crashed and the bare event was passed on: read at once, and once more a second later.
    @Test mutating func bareAdd_IsReadAgainOnce() {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5, hints: DeviceHints()), at: .start))
        #expect(reading.hints == nil)
        _ = order.deviceRead(reading.id, at: port, phone(5))
        #expect(order.deadline == .start + UeventOrder.recheckDelay)
        let again = theReading(order.timePassed(.start + UeventOrder.recheckDelay))
        #expect(order.deviceRead(again.id, at: port, phone(5)) == [.attached(phone(5))])
        #expect(order.deadline == nil)
    }

    @Test mutating func bareAdd_IsNotReadAgain_WhenItIsGone() {
        _ = order.deviceSeen(.udev(.added, 10, number: 5, hints: DeviceHints()), at: .start)
        _ = order.deviceRemoved(.kernel(.removed, 14, number: 5))
        #expect(order.deadline == nil)
    }

    /// No descriptors left in this process: that says nothing of the phone.
    @Test mutating func failedRead_IsTriedAgain() {
        let reading = theReading(order.deviceSeen(.udev(.added, 10, number: 5), at: .start))
        #expect(order.readFailed(reading.id, at: port, .start).isEmpty)
        #expect(order.deadline == .start + UeventOrder.retryDelay)
        let again = theReading(order.timePassed(.start + UeventOrder.retryDelay))
        #expect(again.expected == USBAddress(bus: 1, number: 5))
    }

    @Test mutating func move_ListsEverything() {
        #expect(order.deviceMoved() == [.list])
    }

    @Test mutating func removals_AreForgottenOldestFirst_WhenThereAreTooMany() {
        for sequence in 1...UInt64(UeventOrder.removalsKept + 1) {
            _ = order.deviceRemoved(.kernel(.removed, sequence, number: 5, devpath: "/devices/\(sequence)"))
        }
        let newest = UInt64(UeventOrder.removalsKept + 1)
        #expect(
            order.deviceSeen(.udev(.added, newest, number: 5, devpath: "/devices/\(newest)"), at: .start)
                == [.late(devpath: "/devices/\(newest)")])
        #expect(order.deviceSeen(.udev(.added, 1, number: 5, devpath: "/devices/1"), at: .start).count == 1)
    }

    private mutating func attach(_ number: Int, sequence: UInt64?) {
        let reading = theReading(order.deviceSeen(.udev(.added, sequence, number: number), at: .start))
        #expect(order.deviceRead(reading.id, at: port, phone(number)) == [.attached(phone(number))])
    }
}
