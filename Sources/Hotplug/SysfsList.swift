internal import Core
internal import Linux

/// Lists the USB devices that sysfs shows, and reads no more of it than can have changed since the last list.
///
/// A list is made every half minute for as long as the agent lives: reading all of 100 phones takes 30 ms of CPU, and looking
/// whether each is still the same one takes 10. While the kernel has had no event at all, none of any kind, nobody came or left.
struct SysfsList {
    /// By devpath.
    private var last: [String: USBDevice] = [:]
    /// The number of the kernel's last event before the list was begun; nil where it does not say.
    private var lastEvent: String?

    /// All devices, hubs included. `read` reads one whole; `hints` are what udev knows by now.
    mutating func devices(
        by reader: DeviceReader, hints: (_ devpath: String) -> DeviceHints,
        read: (_ devpath: String) throws(SystemError) -> USBDevice?
    ) throws(SystemError) -> [USBDevice] {
        let event = try reader.lastEvent()
        let isQuiet = event != nil && event == lastEvent
        var devices: [USBDevice] = []
        for devpath in try isQuiet ? Array(last.keys) : reader.devpaths() {
            if let known = try unchanged(at: devpath, isQuiet: isQuiet, by: reader, hints: hints) {
                devices.append(known)
            } else if let device = try read(devpath) {
                devices.append(device)
            }
        }
        last = Dictionary(devices.map { ($0.position.devpath, $0) }) { $1 }
        lastEvent = event
        return devices
    }

    /// What was listed at this devpath, if it is still that plugging: its strings and descriptors cannot have changed.
    ///
    /// One that had no serial is read again: that read may have come too early. Of hubs, which mostly have none, nobody asks.
    private func unchanged(
        at devpath: String, isQuiet: Bool, by reader: DeviceReader, hints: (String) -> DeviceHints
    ) throws(SystemError) -> USBDevice? {
        guard var device = last[devpath], device.serial != nil || device.isHub else { return nil }
        if !isQuiet {
            guard try reader.address(at: devpath) == device.position.address else { return nil }
            device.isAuthorized = try reader.isAuthorized(at: devpath)
        }
        // udev is done with it some time after the kernel's event.
        device.idPath = device.idPath ?? hints(devpath).idPath
        return device
    }
}

extension USBDevice {
    /// Class 09 (USB 2.0, 11.23.1).
    fileprivate var isHub: Bool { !interfaces.isEmpty && interfaces.allSatisfy { $0.classCode == 9 } }
}
