internal import CUdev
internal import Linux

/// The owner of a libudev context that lists devices and looks into udev's database. For one thread.
///
/// Works without a udevd too; the database is then empty.
struct UdevEnumeration: ~Copyable {
    /// Nil when there was no memory for it.
    private let context = udev_new()

    deinit { udev_unref(context) }

    /// The devpaths of the USB devices in sysfs, hubs included.
    ///
    /// Those that udevd has not finished with are among them: whether a phone is there does not depend on udevd.
    func devpaths() throws(SystemError) -> [String] {
        guard let context, let enumeration = udev_enumerate_new(context) else {
            throw SystemError("udev_enumerate_new")
        }
        defer { udev_enumerate_unref(enumeration) }
        var failed = udev_enumerate_add_match_subsystem(enumeration, "usb")
        if failed >= 0 { failed = udev_enumerate_add_match_property(enumeration, "DEVTYPE", "usb_device") }
        if failed >= 0 { failed = udev_enumerate_scan_devices(enumeration) }
        guard failed >= 0 else { throw SystemError("udev_enumerate_scan_devices", code: -failed) }
        var devpaths: [String] = []
        var entry = udev_enumerate_get_list_entry(enumeration)
        while let current = entry {
            if let path = udev_list_entry_get_name(current).map({ String(cString: $0) }), path.hasPrefix("/sys/") {
                devpaths.append(String(path.dropFirst("/sys".count)))
            }
            entry = udev_list_entry_get_next(current)
        }
        return devpaths
    }

    /// What udev's database says of the device at a devpath now.
    func hints(for devpath: String) -> DeviceHints {
        guard let context, let device = udev_device_new_from_syspath(context, "/sys" + devpath) else {
            return DeviceHints()
        }
        defer { udev_device_unref(device) }
        return DeviceHints(device)
    }
}
