internal import CUdev
internal import Core
internal import Glibc
internal import Linux

/// The owner of a libudev monitor: udevd's messages about USB devices (not their interfaces).
///
/// Receiving is on when it is made, so what happens from then on is queued until it is taken. For one thread.
struct UdevMonitor: ~Copyable {
    private let context: OpaquePointer
    private let monitor: OpaquePointer

    init() throws(SystemError) {
        guard let context = udev_new() else { throw SystemError("udev_new") }
        guard let monitor = udev_monitor_new_from_netlink(context, "udev") else {
            let failure = SystemError("udev_monitor_new_from_netlink")
            udev_unref(context)
            throw failure
        }
        // The filter has to be there first. The receive buffer is left as libudev made it: it has asked for the most that
        // is allowed already, and asking again makes it smaller.
        var failed = udev_monitor_filter_add_match_subsystem_devtype(monitor, "usb", "usb_device")
        if failed >= 0 { failed = udev_monitor_enable_receiving(monitor) }
        guard failed >= 0 else {
            udev_monitor_unref(monitor)
            udev_unref(context)
            throw SystemError("udev_monitor_enable_receiving", code: -failed)
        }
        self.context = context
        self.monitor = monitor
    }

    deinit {
        udev_monitor_unref(monitor)
        udev_unref(context)
    }

    /// Readable while there is something to receive.
    var descriptor: Int32 { udev_monitor_get_fd(monitor) }

    /// What the kernel keeps for us, in bytes of its own accounting.
    var receiveBuffer: Int {
        var bytes: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, &size)
        return Int(bytes)
    }

    /// Takes the next message; does not wait, and reads nothing but the message.
    func receive() -> Received {
        errno = 0
        if let device = udev_monitor_receive_device(monitor) {
            defer { udev_device_unref(device) }
            return Uevent(device).map { .message($0) } ?? .refused
        }
        switch errno {
        case ENOBUFS: return .overflow
        // libudev says EAGAIN also for a message from someone it does not trust: ask whether the queue is empty.
        case EAGAIN: return isReadable ? .refused : .nothing
        case EINTR: return .refused
        default: return isReadable ? .refused : .nothing
        }
    }

    private var isReadable: Bool {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, 0) > 0
    }
}

extension Uevent {
    /// Nil when libudev cannot tell the action or the devpath.
    fileprivate init?(_ device: OpaquePointer) {
        guard let action = udev_device_get_action(device), let devpath = udev_device_get_devpath(device) else {
            return nil
        }
        self.init(
            group: .udev, action: String(cString: action), sequence: UInt64(udev_device_get_seqnum(device)),
            devpath: String(cString: devpath)
        ) { property($0, of: device) }
    }
}

extension DeviceHints {
    /// From a message, or from udev's database.
    init(_ device: OpaquePointer) { self.init { property($0, of: device) } }
}

/// Invalid UTF-8 is repaired.
private func property(_ name: String, of device: OpaquePointer) -> String? {
    udev_device_get_property_value(device, name).map { String(cString: $0) }
}
