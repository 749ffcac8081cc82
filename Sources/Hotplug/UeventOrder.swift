internal import Core

/// Brings into one order what the kernel says at once, udevd says seconds later, and a slow worker reads from sysfs.
///
/// Removals win: after one, no late message, no read under way and no snapshot begun before it brings the same plugging
/// back. Reads and snapshots are answered in the order in which they were asked for (one worker does both), which is
/// why a snapshot never lacks a device whose `attached` came before it. Pure; time is a parameter.
struct UeventOrder {
    /// A read to be made: the worker answers each with its `id`.
    struct Reading: Hashable, Sendable {
        let id: UInt64
        let devpath: String
        /// Anyone who is there, when nil.
        let expected: USBAddress?
        /// Nil: take them from udev's database.
        let hints: DeviceHints?
    }

    enum Effect: Hashable {
        case attached(USBDevice)
        case detached(USBPosition)
        case read(Reading)
        /// Ask the worker for all that is there.
        case list
        /// What the worker has listed, without what has gone since; `isNews` when it differs from what was told.
        case snapshot([USBDevice], isNews: Bool)
        /// A message, or what was read, was of a plugging that is over.
        case late(devpath: String)
    }

    /// How long after a bare `add` udev's database is asked once more: udevd's next event for the device, if there is
    /// one, takes well below a second where it is not overloaded.
    static let recheckDelay = Duration.seconds(1)
    /// How long after the host's own trouble a read or a list is tried again.
    static let retryDelay = Duration.seconds(2)
    /// Devpaths whose last removal is remembered. They are as many as there are ports; beyond that, those removed longest
    /// ago go, whose late messages sysfs refutes.
    static let removalsKept = 512
    /// Removals noted while one list is under way; with more of them it is thrown away and made again.
    static let removalsPerList = 1_024

    private struct UnderWay {
        let id: UInt64
        let expected: USBAddress?
        /// Something was said about the device meanwhile: read again.
        var again: Reading?
    }

    private struct Recheck {
        let position: USBPosition
        let due: MonotonicTime
    }

    private var lastID: UInt64 = 0
    /// By devpath.
    private var present: [String: USBDevice] = [:]
    /// By devpath: SEQNUM of the last removal.
    private var removals: [String: UInt64] = [:]
    /// By devpath.
    private var readings: [String: UnderWay] = [:]
    /// By devpath.
    private var rechecks: [String: Recheck] = [:]
    private var isListing = false
    private var listAgain = false
    private var listAgainAt: MonotonicTime?
    private var isListSpoiled = false
    private var removedSinceList: Set<USBPosition> = []

    /// `add`, `bind` and `change`: somebody is there, if sysfs confirms it.
    mutating func deviceSeen(_ uevent: Uevent, at now: MonotonicTime) -> [Effect] {
        if let sequence = uevent.sequence, let removal = removals[uevent.devpath], sequence <= removal {
            return [.late(devpath: uevent.devpath)]
        }
        let isBare = uevent.group == .udev && uevent.action == .added && uevent.hints.isBare
        if isBare, let address = uevent.address {
            rechecks[uevent.devpath] = Recheck(
                position: USBPosition(uevent.devpath, address), due: now + Self.recheckDelay)
        }
        return read(
            uevent.devpath, expecting: uevent.address,
            hints: uevent.group == .udev && !isBare ? uevent.hints : nil)
    }

    /// The devpath of something that is still there has changed: everything is listed, so that the old and the new place
    /// are told in one fact.
    mutating func deviceMoved() -> [Effect] { snapshotWanted() }

    /// `remove`, of either group: the first to come counts.
    mutating func deviceRemoved(_ uevent: Uevent) -> [Effect] {
        let devpath = uevent.devpath
        if let sequence = uevent.sequence {
            if let removal = removals[devpath], sequence <= removal { return [] }
            removals[devpath] = sequence
            forgetOldRemovals()
        }
        let remembered = present[devpath]?.position.address ?? readings[devpath]?.expected
        guard let address = uevent.address ?? remembered else {
            readings[devpath] = nil
            rechecks[devpath] = nil
            isListSpoiled = isListing
            return []
        }
        return positionGone(USBPosition(devpath, address))
    }

    /// libusb, as the only source, says that a device has left.
    mutating func deviceLeft(_ address: USBAddress) -> [Effect] {
        present.values.first { $0.position.address == address }.map { positionGone($0.position) } ?? []
    }

    /// Whether somebody was told to be there.
    func isPresent(_ address: USBAddress) -> Bool { present.values.contains { $0.position.address == address } }

    /// The worker's answer; nil when sysfs did not confirm who was expected.
    mutating func deviceRead(_ id: UInt64, at devpath: String, _ device: USBDevice?) -> [Effect] {
        guard let reading = readings[devpath], reading.id == id else {
            return device == nil ? [] : [.late(devpath: devpath)]
        }
        readings[devpath] = nil
        var effects: [Effect] = device.map { found($0) } ?? [.late(devpath: devpath)]
        if let again = reading.again {
            readings[devpath] = UnderWay(id: again.id, expected: again.expected)
            effects.append(.read(again))
        }
        return effects
    }

    /// The host's own trouble kept the worker from an answer: tried again later.
    mutating func readFailed(_ id: UInt64, at devpath: String, _ now: MonotonicTime) -> [Effect] {
        guard let reading = readings[devpath], reading.id == id else { return [] }
        readings[devpath] = nil
        if let address = reading.again?.expected ?? reading.expected {
            rechecks[devpath] = Recheck(position: USBPosition(devpath, address), due: now + Self.retryDelay)
            return []
        }
        listAgainAt = now + Self.retryDelay
        return []
    }

    /// A device that the worker came upon by itself (libusb as the only source).
    mutating func found(_ device: USBDevice) -> [Effect] {
        let previous = present.updateValue(device, forKey: device.position.devpath)?.position
        // One place holds one device: the removal of the previous one has been lost.
        let gone = previous.flatMap { $0 == device.position ? nil : $0 }
        if let gone, isListing { removedSinceList.insert(gone) }
        return (gone.map { [.detached($0)] } ?? []) + [.attached(device)]
    }

    /// One list at a time; a wish that comes meanwhile is answered by another list after it.
    mutating func snapshotWanted() -> [Effect] {
        guard !isListing else {
            listAgain = true
            return []
        }
        isListing = true
        return [.list]
    }

    /// True while the worker is at a list.
    var isSnapshotUnderWay: Bool { isListing }

    mutating func devicesListed(_ devices: [USBDevice]) -> [Effect] {
        let kept = devices.filter { !removedSinceList.contains($0.position) }
        let isSpoiled = isListSpoiled
        let next = listEnded()
        guard !isSpoiled else { return next.isEmpty ? snapshotWanted() : next }
        let listed = Dictionary(kept.map { ($0.position.devpath, $0) }) { _, last in last }
        defer { present = listed }
        return [.snapshot(kept, isNews: listed != present)] + next
    }

    mutating func listFailed(_ now: MonotonicTime) -> [Effect] {
        listAgain = false
        listAgainAt = now + Self.retryDelay
        return listEnded()
    }

    private mutating func listEnded() -> [Effect] {
        isListing = false
        isListSpoiled = false
        removedSinceList = []
        guard listAgain else { return [] }
        listAgain = false
        return snapshotWanted()
    }

    var deadline: MonotonicTime? {
        (rechecks.values.map(\.due) + [listAgainAt].compactMap(\.self)).min()
    }

    mutating func timePassed(_ now: MonotonicTime) -> [Effect] {
        var effects: [Effect] = []
        for (devpath, recheck) in rechecks where recheck.due <= now {
            rechecks[devpath] = nil
            effects += read(devpath, expecting: recheck.position.address, hints: nil)
        }
        if let due = listAgainAt, due <= now {
            listAgainAt = nil
            effects += snapshotWanted()
        }
        return effects
    }

    /// One read per devpath is under way; one for another plugging replaces it, and its answer is not waited for.
    private mutating func read(_ devpath: String, expecting expected: USBAddress?, hints: DeviceHints?) -> [Effect] {
        lastID += 1
        let reading = Reading(id: lastID, devpath: devpath, expected: expected, hints: hints)
        if readings[devpath]?.expected == expected, readings[devpath] != nil {
            readings[devpath]?.again = reading
            return []
        }
        readings[devpath] = UnderWay(id: reading.id, expected: expected)
        return [.read(reading)]
    }

    private mutating func positionGone(_ position: USBPosition) -> [Effect] {
        let devpath = position.devpath
        if present[devpath]?.position == position { present[devpath] = nil }
        if let reading = readings[devpath], reading.expected == nil || reading.expected == position.address {
            readings[devpath] = nil
        }
        if rechecks[devpath]?.position == position { rechecks[devpath] = nil }
        if isListing {
            removedSinceList.insert(position)
            if removedSinceList.count > Self.removalsPerList { isListSpoiled = true; removedSinceList = [] }
        }
        return [.detached(position)]
    }

    private mutating func forgetOldRemovals() {
        guard removals.count > Self.removalsKept else { return }
        let oldest = removals.sorted { $0.value < $1.value }.prefix(Self.removalsKept / 2)
        for (devpath, _) in oldest { removals[devpath] = nil }
    }
}
