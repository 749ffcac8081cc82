internal import Core
internal import Glibc
internal import Linux

/// Reads what sysfs knows of a USB device. No device node is opened.
///
/// The strings, unlike the numbers, can block for seconds on the kernel's device lock while the device resets: not for
/// the loop's thread.
struct DeviceReader: Sendable {
    /// Finds the interfaces of all configurations, or nil when it does not know the device.
    typealias InterfaceSource = (_ address: USBAddress, _ vendorID: UInt16, _ productID: UInt16) -> Set<USBInterface>?

    /// Where sysfs is; a directory of the test's otherwise.
    var root = "/sys"

    /// The devpaths of all USB devices, hubs included; none where the kernel has no USB.
    ///
    /// Those that udevd has not finished with are among them: whether a phone is there does not depend on udevd. (libudev's
    /// enumeration opens files of each device, and this is done twice a minute for ever.)
    func devpaths() throws(SystemError) -> [String] {
        guard let directory = opendir("\(root)/bus/usb/devices") else {
            if errno == ENOENT { return [] }
            throw SystemError("opendir /sys/bus/usb/devices")
        }
        defer { closedir(directory) }
        var devpaths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // An interface has a colon in its name (`1-4:1.0`).
            guard !name.hasPrefix("."), !name.contains(":") else { continue }
            var target = [CChar](repeating: 0, count: 4_096)
            let length = readlink("\(root)/bus/usb/devices/\(name)", &target, target.count - 1)
            // `../../../devices/pci0000:00/…`; gone since when there is none.
            guard length > 0 else { continue }
            let path = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
            if let start = path.firstRange(of: "/devices/")?.lowerBound { devpaths.append(String(path[start...])) }
        }
        return devpaths
    }

    /// The number of the last event of the kernel's, of any kind; each one that comes is numbered (`lib/kobject_uevent.c`).
    func lastEvent() throws(SystemError) -> String? { try text("uevent_seqnum", of: "/kernel") }

    /// Who is at a devpath now, or nil when nobody is.
    func address(at devpath: String) throws(SystemError) -> USBAddress? {
        guard let bus = try text("busnum", of: devpath).flatMap({ Int($0) }),
            let number = try text("devnum", of: devpath).flatMap({ Int($0) })
        else { return nil }
        return USBAddress(bus: bus, number: number)
    }

    /// False when the kernel was told not to use the device; it may be told otherwise at any time, without an event of its own
    /// (its interfaces come and go with events of theirs).
    func isAuthorized(at devpath: String) throws(SystemError) -> Bool { try text("authorized", of: devpath) != "0" }

    /// The device at a devpath, or nil when there is none, or another one than `expected`, or it changed while it was read.
    ///
    /// Throws only for the host's own trouble (no file descriptors, no memory), which says nothing of the device.
    func device(
        at devpath: String, expecting expected: USBAddress? = nil, hints: DeviceHints = DeviceHints(),
        interfaces known: InterfaceSource = { _, _, _ in nil }
    ) throws(SystemError) -> USBDevice? {
        guard let address = try address(at: devpath), expected == nil || expected == address,
            let vendor = try text("idVendor", of: devpath), let vendorID = UInt16(vendor, radix: 16),
            let product = try text("idProduct", of: devpath), let productID = UInt16(product, radix: 16)
        else { return nil }
        let hints = hints.belongs(to: vendor, product) ? hints : DeviceHints()
        let interfaces = known(address, vendorID, productID) ?? []
        let sysname = devpath.split(separator: "/").last.map(String.init) ?? devpath
        let device = USBDevice(
            position: USBPosition(devpath, address), port: PortPath(sysname), idPath: hints.idPath,
            vendorID: vendorID, productID: productID,
            serial: try text("serial", of: devpath) ?? hints.serial,
            manufacturer: try text("manufacturer", of: devpath), product: try text("product", of: devpath),
            interfaces: try interfaces.isEmpty ? described(at: devpath, hints: hints) : interfaces,
            speed: try text("speed", of: devpath).flatMap { Int($0.prefix { $0 != "." }) },
            isAuthorized: try isAuthorized(at: devpath))
        return try self.address(at: devpath) == address ? device : nil
    }

    private func described(at devpath: String, hints: DeviceHints) throws(SystemError) -> Set<USBInterface> {
        // 64 configurations' worth; a phone has a few hundred bytes.
        let blob = try contents("descriptors", of: devpath, limit: 65_536) ?? []
        let found = interfaces(inDescriptors: blob)
        return found.isEmpty ? interfaces(inProperty: hints.interfaces ?? "") : found
    }

    /// An attribute without its line end, invalid UTF-8 repaired; nil when it is missing, unreadable or empty.
    private func text(_ attribute: String, of devpath: String) throws(SystemError) -> String? {
        // A string descriptor holds 126 UTF-16 units: 378 bytes at most.
        guard var bytes = try contents(attribute, of: devpath, limit: 512) else { return nil }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private func contents(_ attribute: String, of devpath: String, limit: Int) throws(SystemError) -> [UInt8]? {
        let raw = open("\(root)\(devpath)/\(attribute)", O_RDONLY | O_CLOEXEC)
        if raw < 0, [EMFILE, ENFILE, ENOMEM].contains(errno) { throw SystemError("open \(attribute)") }
        guard raw >= 0 else { return nil }
        let file = try OwnedDescriptor(raw, from: "open")
        var bytes: [UInt8] = []
        while bytes.count < limit {
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: min(limit - bytes.count, 4_096)) { buffer, filled in
                count = read(file.raw, buffer.baseAddress, buffer.count)
                filled = max(count, 0)
            }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += chunk
        }
        return bytes
    }
}

extension DeviceHints {
    /// False when they name another model: udev's database can lag behind the address being given anew.
    fileprivate func belongs(to vendor: String, _ product: String) -> Bool {
        (vendorID ?? vendor) == vendor && (productID ?? product) == product
    }
}
