internal import Core

/// Something that libusb saw on the bus and that was not told.
package enum WitnessMismatch: Hashable, Sendable {
    /// It left, and no removal was told of.
    case leftUntold(USBAddress)
    /// It arrived, and nothing was told to be there.
    case arrivedUntold(USBAddress)
}

/// Compares what libusb saw with what was told: a second pair of eyes, never the record. Pure; time is a parameter.
///
/// Only one way: libusb loses devices that flap, so that it did *not* see something proves nothing.
struct Witness {
    /// After libusb's LEFT. The kernel's own `remove` comes before udevd's, which libusb listens to.
    static let leftPatience = Duration.seconds(2)
    /// After libusb's ARRIVED, which has the same cause as our read: what remains is a read that waits for a device that
    /// resets.
    static let arrivedPatience = Duration.seconds(5)

    private struct Open {
        let mismatch: WitnessMismatch
        let due: MonotonicTime
    }

    /// At most one per address that a bus can give, 127 each.
    private var open: [USBAddress: Open] = [:]

    mutating func saw(_ sighting: Sighting, isPresent: Bool, at now: MonotonicTime) {
        switch (sighting, isPresent) {
        case (.arrived(let address), false):
            open[address] = Open(mismatch: .arrivedUntold(address), due: now + Self.arrivedPatience)
        case (.left(let address), true):
            open[address] = Open(mismatch: .leftUntold(address), due: now + Self.leftPatience)
        case (.arrived(let address), true), (.left(let address), false): open[address] = nil
        }
    }

    mutating func attachedTold(_ address: USBAddress) {
        if open[address]?.mismatch == .arrivedUntold(address) { open[address] = nil }
    }

    mutating func detachedTold(_ address: USBAddress) {
        if open[address]?.mismatch == .leftUntold(address) { open[address] = nil }
    }

    /// sysfs has the last word: who is in the list is there, and who is not has left.
    mutating func snapshotTold(_ addresses: Set<USBAddress>) {
        open = open.filter { address, open in
            open.mismatch == .arrivedUntold(address) && !addresses.contains(address)
        }
    }

    var deadline: MonotonicTime? { open.values.map(\.due).min() }

    /// What stayed untold for too long; each is returned once.
    mutating func timePassed(_ now: MonotonicTime) -> [WitnessMismatch] {
        let due = open.filter { $0.value.due <= now }
        for address in due.keys { open[address] = nil }
        return due.values.sorted { $0.due < $1.due }.map(\.mismatch)
    }
}
