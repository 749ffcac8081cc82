import Core
import TestSupport
import Testing

@testable import Hotplug

/// What a list of everything, slow to make, may say beside messages that come meanwhile.
@Suite struct SnapshotTests {
    private var order = UeventOrder()

    @Test mutating func snapshot_TellsWhatIsThere() {
        #expect(order.snapshotWanted() == [.list])
        #expect(order.devicesListed([phone(5)]) == [.snapshot([phone(5)], isNews: true)])
        #expect(order.isPresent(USBAddress(bus: 1, number: 5)))
    }

    @Test mutating func snapshot_IsNoNews_WhenNothingIsNew() {
        _ = order.snapshotWanted()
        _ = order.devicesListed([phone(5)])
        _ = order.snapshotWanted()
        #expect(order.devicesListed([phone(5)]) == [.snapshot([phone(5)], isNews: false)])
    }

    /// The list was begun, the phone was in it, the cable was pulled, the list was finished.
    @Test mutating func snapshot_DoesNotBringBack_WhatWasRemovedSince() {
        _ = order.snapshotWanted()
        _ = order.deviceRemoved(.kernel(.removed, 14, number: 5))
        #expect(order.devicesListed([phone(5)]) == [.snapshot([], isNews: false)])
    }

    /// The same, and the phone was plugged again: that is another plugging, and it is there.
    @Test mutating func snapshot_KeepsTheNextPlugging() {
        _ = order.snapshotWanted()
        _ = order.deviceRemoved(.kernel(.removed, 14, number: 5))
        #expect(order.devicesListed([phone(6)]) == [.snapshot([phone(6)], isNews: true)])
    }

    @Test mutating func removalBeforeTheSnapshot_DoesNotTouchIt() {
        _ = order.deviceRemoved(.kernel(.removed, nil, number: 5))
        _ = order.snapshotWanted()
        #expect(order.devicesListed([phone(5)]) == [.snapshot([phone(5)], isNews: true)])
    }

    /// An overflow while a list is under way: the list may be older than what was lost.
    @Test mutating func wishDuringASnapshot_IsServedByAnotherOne() {
        _ = order.snapshotWanted()
        #expect(order.snapshotWanted().isEmpty)
        #expect(order.snapshotWanted().isEmpty)
        #expect(order.devicesListed([]) == [.snapshot([], isNews: false), .list])
        #expect(order.devicesListed([]) == [.snapshot([], isNews: false)])
    }

    /// Somebody was removed of whom nothing is known, so nobody can be taken out of the list.
    @Test mutating func snapshot_IsMadeAgain_WhenANamelessOneIsRemoved() {
        _ = order.snapshotWanted()
        _ = order.deviceRemoved(.kernel(.removed, 14, number: nil))
        #expect(order.devicesListed([phone(5)]) == [.list])
        #expect(order.devicesListed([]) == [.snapshot([], isNews: false)])
    }

    @Test mutating func snapshot_IsMadeAgain_WhenTooManyAreRemoved() {
        _ = order.snapshotWanted()
        for number in 1...UeventOrder.removalsPerList + 1 {
            _ = order.deviceRemoved(.kernel(.removed, nil, number: number))
        }
        #expect(order.devicesListed([phone(5)]) == [.list])
    }

    /// No descriptors left in this process must not look like a host without phones.
    @Test mutating func failedList_IsTriedAgain_AndTellsNothing() {
        _ = order.snapshotWanted()
        #expect(order.listFailed(.start).isEmpty)
        #expect(!order.isSnapshotUnderWay)
        #expect(order.timePassed(.start + UeventOrder.retryDelay) == [.list])
    }

    @Test mutating func libusbsLeft_DetachesWhoeverHasTheAddress() {
        #expect(order.found(phone(5)) == [.attached(phone(5))])
        #expect(order.deviceLeft(USBAddress(bus: 1, number: 5)) == [.detached(place(5))])
        #expect(order.deviceLeft(USBAddress(bus: 1, number: 5)).isEmpty)
    }

    /// Whatever comes in whatever order: nothing traps, and once all is answered the picture is the last list.
    @Test(arguments: 0..<40) mutating func anyInput_EndsAtTheLastSnapshot(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var asked: [UeventOrder.Reading] = []
        for step in 0..<400 {
            let number = Int.random(in: 1...4, using: &random)
            let sequence = Bool.random(using: &random) ? UInt64.random(in: 1...500, using: &random) : nil
            let now = MonotonicTime.start + .milliseconds(step * 50)
            let effects: [UeventOrder.Effect]
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: effects = order.deviceSeen(.udev(.added, sequence, number: number), at: now)
            case 2: effects = order.deviceRemoved(.kernel(.removed, sequence, number: number == 4 ? nil : number))
            case 3: effects = order.snapshotWanted()
            case 4 where order.isSnapshotUnderWay: effects = order.devicesListed([phone(number)])
            case 5: effects = order.timePassed(now)
            case 6 where !asked.isEmpty:
                let reading = asked.remove(at: Int.random(in: asked.indices, using: &random))
                effects = order.readFailed(reading.id, at: reading.devpath, now)
            default:
                guard !asked.isEmpty else { continue }
                let reading = asked.removeFirst()
                let device = Bool.random(using: &random) ? phone(reading.expected?.number ?? number) : nil
                effects = order.deviceRead(reading.id, at: reading.devpath, device)
            }
            for case .read(let reading) in effects { asked.append(reading) }
        }
        if order.isSnapshotUnderWay { _ = order.listFailed(.start) }
        _ = order.snapshotWanted()
        #expect(
            order.devicesListed([phone(9)]).contains { if case .snapshot([phone(9)], _) = $0 { true } else { false } })
        #expect(order.isPresent(USBAddress(bus: 1, number: 9)))
    }
}
