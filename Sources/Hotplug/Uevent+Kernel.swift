internal import Core

extension Uevent {
    /// From a message of the kernel: `ACTION@DEVPATH`, then `KEY=value`, each with a zero byte at its end
    /// (`lib/kobject_uevent.c`). Nil when it is not about a USB device, or lacks what makes it one.
    init?(kernelMessage bytes: [UInt8]) {
        let parts = bytes.split(separator: 0)
        let property = { (name: String) -> String? in
            let isNamed = { (part: ArraySlice<UInt8>) in
                part.starts(with: name.utf8) && part.dropFirst(name.utf8.count).first == UInt8(ascii: "=")
            }
            return parts.last(where: isNamed).map { String(decoding: $0.dropFirst(name.utf8.count + 1), as: UTF8.self) }
        }
        guard property("DEVTYPE") == "usb_device", property("SUBSYSTEM") == "usb", let action = property("ACTION"),
            let devpath = property("DEVPATH"), devpath.hasPrefix("/")
        else { return nil }
        self.init(
            group: .kernel, action: action, sequence: property("SEQNUM").flatMap { UInt64($0) } ?? 0, devpath: devpath,
            property: property)
    }
}
