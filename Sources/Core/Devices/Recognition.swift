/// What kind of phone a USB device is, as far as its descriptors tell.
package struct Recognition: Hashable, Sendable {
    package let platform: Platform
    package let mode: USBMode
    /// False when only the vendor speaks for it: then it counts as a phone only where its serial is known already.
    package let isCertain: Bool

    /// Nil for everything that is no phone. The user's `include` rules decide where the built-in tables know nothing.
    package init?(_ device: USBDevice, rules: DetectionRules) {
        let isIncluded = rules.include.contains {
            $0.vendorID == device.vendorID && ($0.productID == nil || $0.productID == device.productID)
        }
        guard let seen = Self.recognize(device) ?? (isIncluded ? Self.included(device) : nil) else { return nil }
        platform = seen.platform
        // Without authorisation there are no interfaces, so that a lack of them says nothing.
        let isOpen = device.isAuthorized || seen.mode.reason != nil && seen.mode != .noDebugInterface
        mode = isOpen ? seen.mode : .blocked
        isCertain = seen.isCertain || isIncluded
    }

    private init(_ platform: Platform, _ mode: USBMode, isCertain: Bool = true) {
        self.platform = platform
        self.mode = mode
        self.isCertain = isCertain
    }

    private static func included(_ device: USBDevice) -> Recognition {
        Recognition(device.vendorID == VendorID.apple ? .ios : .android, .usable)
    }

    private static func recognize(_ device: USBDevice) -> Recognition? {
        if device.vendorID == VendorID.apple { return apple(device) }
        if device.interfaces.contains(.adb) { return Recognition(.android, .usable) }
        if device.interfaces.contains(.fastboot) { return Recognition(.android, .bootloader) }
        if let mode = USBMode.android(vendorID: device.vendorID, productID: device.productID) {
            return Recognition(.android, mode)
        }
        guard VendorID.makesPhones(device.vendorID, productID: device.productID) else { return nil }
        if !device.interfaces.isDisjoint(with: [.stillImage, .vendorMTP]) { return Recognition(.android, .usable) }
        return Recognition(.android, .noDebugInterface, isCertain: false)
    }

    private static func apple(_ device: USBDevice) -> Recognition? {
        if let mode = USBMode.apple(productID: device.productID) { return Recognition(.ios, mode) }
        guard device.productID != USBMode.macCoprocessor else { return nil }
        return device.interfaces.contains(.usbmux) ? Recognition(.ios, .usable) : nil
    }
}

extension USBInterface {
    /// Android Debug Bridge, on any vendor's phone.
    package static let adb = USBInterface(0xff, 0x42, 0x01)
    /// fastboot in the bootloader and fastbootd in recovery.
    package static let fastboot = USBInterface(0xff, 0x42, 0x03)
    /// PTP, and MTP of phones that use the still image class for it.
    package static let stillImage = USBInterface(0x06, 0x01, 0x01)
    /// MTP of phones that name it by a string only.
    package static let vendorMTP = USBInterface(0xff, 0xff, 0x00)
    /// What usbmuxd talks to.
    package static let usbmux = USBInterface(0xff, 0xfe, 0x02)
}
