internal import Core

/// One message of the kernel or of udev about a USB device, as values.
struct Uevent: Hashable, Sendable {
    /// Who sent it: the kernel as it happened, or udevd once its rules have run.
    enum Group: String, Hashable, Sendable { case kernel, udev }

    /// What the message says, reduced to what matters here.
    enum Action: Hashable, Sendable {
        case added
        /// `bind`, `change`, `online`: it is there, and something about it may be new.
        case changed
        /// It is there under another devpath than before.
        case moved
        case removed
        /// `unbind`, `offline` and what later kernels may invent: says nothing about presence.
        case other

        init(_ name: String) {
            self =
                switch name {
                case "add": .added
                case "bind", "change", "online": .changed
                case "move": .moved
                case "remove": .removed
                default: .other
                }
        }
    }

    var group: Group
    var action: Action
    /// The kernel's `SEQNUM`: one counter for all events of the host, the same number in both groups. Nil when missing.
    var sequence: UInt64?
    var devpath: String
    /// `BUSNUM` and `DEVNUM`; nil when either is missing.
    var address: USBAddress?
    /// Empty in messages of the kernel.
    var hints = DeviceHints()
}

extension Uevent {
    /// From the properties of a message; a sequence of 0 stands for none.
    init(group: Group, action: String, sequence: UInt64, devpath: String, property: (_ name: String) -> String?) {
        var address: USBAddress?
        if let bus = property("BUSNUM").flatMap({ Int($0) }), let number = property("DEVNUM").flatMap({ Int($0) }) {
            address = USBAddress(bus: bus, number: number)
        }
        self.init(
            group: group, action: Action(action), sequence: sequence == 0 ? nil : sequence, devpath: devpath,
            address: address, hints: group == .udev ? DeviceHints(property: property) : DeviceHints())
    }
}

/// `busnum` and `devnum`: unique among the devices present at one moment, and what libusb knows a device by.
package struct USBAddress: Hashable, Sendable, CustomStringConvertible {
    package let bus: Int
    package let number: Int

    package init(bus: Int, number: Int) {
        self.bus = bus
        self.number = number
    }

    package var description: String { "\(bus):\(number)" }
}

extension USBPosition {
    var address: USBAddress { USBAddress(bus: bus, number: number) }

    init(_ devpath: String, _ address: USBAddress) {
        self.init(devpath: devpath, bus: address.bus, number: address.number)
    }
}

/// What udev's rules found out about a device: only `idPath` is of use by itself, the rest stands in for missing sysfs files.
struct DeviceHints: Hashable, Sendable {
    /// `ID_PATH`
    var idPath: String?
    /// `ID_SERIAL_SHORT`: sanitised by udev, so not what adb and usbmuxd call the phone.
    var serial: String?
    /// `ID_USB_INTERFACES`, e.g. `:ff4201:060101:`.
    var interfaces: String?
    /// `ID_VENDOR_ID` and `ID_MODEL_ID`, four hexadecimal digits each: whose properties these are.
    var vendorID: String?
    var productID: String?

    /// True when the rules left no trace: a worker of udevd has crashed or timed out, and udevd passed on the bare event.
    var isBare: Bool { idPath == nil && serial == nil && interfaces == nil && vendorID == nil }
}

extension DeviceHints {
    init(property: (_ name: String) -> String?) {
        self.init(
            idPath: property("ID_PATH"), serial: property("ID_SERIAL_SHORT"),
            interfaces: property("ID_USB_INTERFACES"), vendorID: property("ID_VENDOR_ID"),
            productID: property("ID_MODEL_ID"))
    }
}
