internal import Core

extension Uevent {
    /// From a message of the kernel: `ACTION@DEVPATH`, then `KEY=value`, each with a zero byte at its end
    /// (`lib/kobject_uevent.c`). Nil when it is not about a USB device, or lacks what makes it one.
    init?(kernelMessage bytes: [UInt8]) {
        let parts = bytes.split(separator: 0)
        guard parts.contains(where: { $0.elementsEqual("DEVTYPE=usb_device".utf8) }) else { return nil }
        // What has no equals sign is the summary before the properties.
        let properties: [(key: String, value: String)] = parts.compactMap { part in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (
                String(decoding: part[..<equals], as: UTF8.self), String(decoding: part[(equals + 1)...], as: UTF8.self)
            )
        }
        let property = { (name: String) in properties.last { $0.key == name }?.value }
        guard property("SUBSYSTEM") == "usb", let action = property("ACTION"),
            let devpath = property("DEVPATH"), devpath.hasPrefix("/")
        else { return nil }
        self.init(
            group: .kernel, action: action, sequence: property("SEQNUM").flatMap { UInt64($0) } ?? 0, devpath: devpath,
            property: property)
    }
}
