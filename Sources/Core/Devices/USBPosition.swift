/// Where a USB device is, and which plugging of it: the key of a device while it is there.
///
/// The devpath alone is not enough: a device that left and one that came on the same port share it. Bus numbers move
/// with the order in which drivers start, so a position means nothing after a reboot.
package struct USBPosition: Hashable, Sendable {
    /// The kernel's `DEVPATH`, e.g. `/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2`.
    package let devpath: String
    /// sysfs `busnum`, from 1.
    package let bus: Int
    /// sysfs `devnum`, 1–127; given anew at each enumeration.
    package let number: Int

    package init(devpath: String, bus: Int, number: Int) {
        self.devpath = devpath
        self.bus = bus
        self.number = number
    }
}

/// The kernel's name of the port chain, e.g. `1-4.2`: bus 1, root port 4, port 2 of the hub there.
package struct PortPath: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ sysname: String) { description = sysname }

    /// The port path of the hub that the device hangs on, or nil at a root port.
    package var hub: PortPath? {
        guard let dot = description.lastIndex(of: ".") else { return nil }
        return PortPath(String(description[..<dot]))
    }
}
