package import Core
package import Linux

/// One look at this host's USB, for who wants to know before there is a `Hotplug`. Opens no device node.
package enum HostSurvey {
    /// Whether this process is in the host's network namespace, where udevd speaks; nil where nothing tells.
    package static var isHostsNetwork: Bool? { UdevReach().isHostsNetwork }

    /// The bytes that the kernel would keep for one that listens to its messages, by its own accounting.
    package static func receiveBuffer() throws(SystemError) -> Int { try KernelMonitor().receiveBuffer }

    /// All USB devices, hubs included; none where the kernel has no USB.
    ///
    /// Blocks for seconds while a device resets.
    package static func devices() throws(SystemError) -> [USBDevice] {
        let reader = DeviceReader()
        var devices: [USBDevice] = []
        for devpath in try reader.devpaths() {
            if let device = try reader.device(at: devpath) { devices.append(device) }
        }
        return devices
    }
}
