/// Where the coming and going of USB devices is to be learned from.
package enum HotplugChoice: String, Hashable, Sendable, CaseIterable {
    /// udev, and the kernel itself where udevd's messages do not reach this process.
    case auto
    /// udev, come what may.
    case udev
    /// libusb alone.
    case libusb
}
