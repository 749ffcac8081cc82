// Built with: Sources/Hotplug/{Uevent,Uevent+Kernel,UeventOrder}.swift
internal import Core

/// Messages of the kernel and of udevd as lists of properties, to what reads them and brings them into one order.
///
/// Properties end with a zero byte, messages with a second one; one whose bytes are even in number is the kernel's own.
/// Nothing may trap, and what was removed must not be told to be there.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzUdevMessages(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var order = UeventOrder()
    var present: Set<USBPosition> = []
    var now = MonotonicTime(nanoseconds: 0)
    for message in messages(in: UnsafeBufferPointer(start: start, count: count)) {
        guard let uevent = message.count.isMultiple(of: 2) ? Uevent(kernelMessage: message) : Uevent(ofUdev: message)
        else { continue }
        require(uevent.group == .udev || uevent.hints == DeviceHints(), "the kernel gives no hints")
        now = now + .milliseconds(message.count * 30)
        var effects = order.timePassed(now)
        switch uevent.action {
        case .added, .changed: effects += order.deviceSeen(uevent, at: now)
        case .moved: effects += order.deviceMoved()
        case .removed: effects += order.deviceRemoved(uevent)
        case .other: break
        }
        answer(effects, to: &order, present: &present)
        if uevent.action == .removed, uevent.sequence == nil, let address = uevent.address {
            require(!present.contains(USBPosition(uevent.devpath, address)), "present after its removal")
        }
    }
    return 0
}

/// As the worker would, at once: each place holds whoever was expected there, and lists are empty.
private func answer(_ effects: [UeventOrder.Effect], to order: inout UeventOrder, present: inout Set<USBPosition>) {
    var waiting = effects[...]
    var steps = 0
    while let effect = waiting.popFirst() {
        steps += 1
        require(steps < 1_000, "effects without end")
        switch effect {
        case .read(let reading):
            let found = reading.expected.map { device(at: USBPosition(reading.devpath, $0)) }
            waiting += order.deviceRead(reading.id, at: reading.devpath, found)
        case .list: waiting += order.devicesListed([])
        case .attached(let device): present.insert(device.position)
        case .detached(let position): present.remove(position)
        case .snapshot(let devices, _): present = Set(devices.map(\.position))
        case .late: break
        }
    }
}

private func device(at position: USBPosition) -> USBDevice {
    USBDevice(
        position: position, port: PortPath("1-1"), idPath: nil, vendorID: 0x18d1, productID: 0x4ee7, serial: nil,
        manufacturer: nil, product: nil, interfaces: [.adb], speed: nil, isAuthorized: true)
}

extension Uevent {
    /// What libudev would tell of it.
    fileprivate init(ofUdev message: [UInt8]) {
        var properties: [String: String] = [:]
        for line in message.split(separator: 0) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            properties[String(decoding: line[..<equals], as: UTF8.self)] =
                String(decoding: line[line.index(after: equals)...], as: UTF8.self)
        }
        self.init(
            group: .udev, action: properties["ACTION"] ?? "",
            sequence: properties["SEQNUM"].flatMap { UInt64($0) } ?? 0,
            devpath: properties["DEVPATH"] ?? ""
        ) { properties[$0] }
    }
}

private func messages(in bytes: UnsafeBufferPointer<UInt8>) -> [[UInt8]] {
    var messages: [[UInt8]] = [[]]
    for line in bytes.split(separator: 0, omittingEmptySubsequences: false).prefix(200) {
        if line.isEmpty {
            messages.append([])
        } else {
            messages[messages.count - 1] += line + [0]
        }
    }
    return messages
}

private func require(_ holds: Bool, _ problem: String) {
    if !holds { fatalError(problem) }
}
