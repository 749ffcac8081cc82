internal import Core

extension Uevent {
    /// From a message of the kernel: `ACTION@DEVPATH`, then `KEY=value`, each with a zero byte at its end
    /// (`lib/kobject_uevent.c`). Nil when it is not about the presence of a USB device, or lacks what makes it one.
    init?(kernelMessage bytes: [UInt8]) {
        let property = { (name: String) in bytes.value(of: name) }
        // The action first: an `unbind` comes right before each removal, and is of no interest.
        guard let action = property("ACTION"), Action(action) != .other, property("DEVTYPE") == "usb_device",
            property("SUBSYSTEM") == "usb", let devpath = property("DEVPATH"), devpath.hasPrefix("/")
        else { return nil }
        self.init(
            group: .kernel, action: action, sequence: property("SEQNUM").flatMap { UInt64($0) } ?? 0, devpath: devpath,
            property: property)
    }
}

extension [UInt8] {
    /// Of the last `name=value`; nil when there is none.
    fileprivate func value(of name: String) -> String? {
        withUnsafeBytes { bytes in
            var value: Slice<UnsafeRawBufferPointer>?
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = rest.prefix { $0 != 0 }
                rest = rest.dropFirst(part.count + 1)
                guard part.starts(with: name.utf8) else { continue }
                let tail = part.dropFirst(name.utf8.count)
                if tail.first == UInt8(ascii: "=") { value = tail.dropFirst() }
            }
            return value.map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
