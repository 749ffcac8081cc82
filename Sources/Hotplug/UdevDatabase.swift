internal import CUdev

/// The owner of a libudev context that looks into udev's database. For one thread.
///
/// Works without a udevd too; the database is then empty.
struct UdevDatabase: ~Copyable {
    /// Nil when there was no memory for it.
    private let context = udev_new()

    deinit { udev_unref(context) }

    /// What udev's database says of the device at a devpath now.
    func hints(for devpath: String) -> DeviceHints {
        guard let context, let device = udev_device_new_from_syspath(context, "/sys" + devpath) else {
            return DeviceHints()
        }
        defer { udev_device_unref(device) }
        return DeviceHints(device)
    }
}
