package import Core
package import Linux

/// A fact about what hangs on this host.
package enum HotplugEvent: Hashable, Sendable {
    /// It is there, and this is what it is. Repeated when something about it may have changed.
    case attached(USBDevice)
    /// It is gone: the kernel said so, or another device was found in its place.
    case detached(USBPosition)
    /// All that is there now, hubs included; what is not in it is gone.
    case snapshot([USBDevice])
    /// For the log and for status.
    case note(HotplugNote)

    var isRemoval: Bool { if case .detached = self { true } else { false } }
}

/// Where the facts come from at the moment, and why.
package struct HotplugSource: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// udevd's messages; the kernel's for removals.
        case udev
        /// The kernel's messages and a look into sysfs every two seconds.
        case kernel
        case libusb
    }

    package enum Reason: Hashable, Sendable {
        case chosen
        /// Nothing speaks against udevd's messages reaching this process.
        case udevReachable
        /// There is no `/run/udev/control`: no udevd runs, or its directory is not visible here.
        case noUdevControl
        /// This process is not in the host's network namespace, and udevd's messages stay in that one.
        case foreignNetworkNamespace
        /// The kernel announced a device, and udevd said nothing for `UdevSilence.limit`.
        case udevSilent(sequence: UInt64)
        /// udevd was heard again.
        case udevReturned
    }

    package let kind: Kind
    package let reason: Reason

    package init(_ kind: Kind, _ reason: Reason) {
        self.kind = kind
        self.reason = reason
    }

    package var description: String { "\(kind.rawValue): \(reason)" }
}

extension HotplugSource.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .chosen: "chosen in the configuration"
        case .udevReachable: "udevd can be reached"
        case .noUdevControl: "/run/udev/control is missing: no udevd runs, or /run/udev is not visible to this process"
        case .foreignNetworkNamespace: "this process is not in the host's network namespace, where udevd speaks"
        case .udevSilent(let sequence):
            "udevd said nothing of kernel event \(sequence) for \(UdevSilence.limit.wholeMilliseconds / 1_000) s"
        case .udevReturned: "udevd was heard again"
        }
    }
}

/// What is worth a line in the log. A `total` counts since the start.
package enum HotplugNote: Hashable, Sendable {
    case source(HotplugSource)
    /// udev was chosen, and its messages will probably not, or did not, reach this process.
    case udevDoubted(HotplugSource.Reason)
    /// Bytes that the kernel keeps for us before it drops messages (`SO_RCVBUF`).
    case receiveBuffer(group: String, bytes: Int)
    /// The kernel dropped messages of a group, because they were not taken in time; a snapshot follows.
    case overflow(group: String, total: Int)
    /// A message told of a plugging that is over, or sysfs did not confirm it.
    case lateAddDropped(devpath: String, total: Int)
    /// libusb saw something that udev did not tell; a snapshot follows.
    case mismatch(WitnessMismatch, total: Int)
    /// Without it interfaces are read from sysfs, and there is no second witness.
    case libusbUnavailable(LibUSBError)
    /// Looking into sysfs failed for a reason of the host's (no descriptors, no memory); it is tried again.
    case sysfsTrouble(SystemError)
}

/// Why there can be no hotplug on this host.
package enum HotplugError: Error, Hashable, CustomStringConvertible {
    case netlink(SystemError)
    case libusb(LibUSBError)
    case system(SystemError)

    package var description: String {
        switch self {
        case .netlink(let error):
            "cannot listen to USB events (\(error)); does a sandbox forbid AF_NETLINK to this process?"
        case .libusb(let error):
            "\"hotplug\": \"libusb\" was chosen, and libusb does not work here (\(error)); choose \"auto\" instead"
        case .system(let error): "cannot watch USB (\(error))"
        }
    }
}
