/// The mode that a phone shows itself in on USB.
package enum USBMode: Hashable, Sendable {
    /// The operating system runs, and a tool can reach it.
    case usable
    /// fastboot, and Samsung's download mode (Odin).
    case bootloader
    /// Apple's iBoot recovery.
    case recovery
    case dfu
    /// Apple silicon while it is being restored.
    case restore
    /// Qualcomm EDL, MediaTek boot ROM and preloader.
    case emergencyDownload
    /// A phone by its vendor, with nothing on it that a tool could use: charging only.
    case noDebugInterface
    /// Not authorised on this host.
    case blocked

    /// Whether a phone in this mode may show another serial than its own, or none.
    var hidesSerial: Bool {
        switch self {
        case .bootloader, .recovery, .dfu, .restore, .emergencyDownload: true
        case .usable, .noDebugInterface, .blocked: false
        }
    }

    /// Why a phone in this mode cannot be used; nil when it can.
    package var reason: Reason? {
        switch self {
        case .usable: nil
        case .bootloader: .bootloader
        case .recovery: .recovery
        case .dfu: .dfu
        case .restore: .restore
        case .emergencyDownload: .emergencyDownload
        case .noDebugInterface: .noDebugInterface
        case .blocked: .usbBlocked
        }
    }

    /// The T1 or T2 chip of a Mac: it speaks usbmux, and is no phone.
    static let macCoprocessor: UInt16 = 0x8600

    /// Product ids below Apple's vendor id.
    ///
    /// Source of the facts: usbmuxd `src/usb.h` (normal and restore), libirecovery (recovery, DFU and its relatives).
    static func apple(productID: UInt16) -> USBMode? {
        switch productID {
        case 0x1290...0x12af: .usable
        case 0x1280...0x1283: .recovery
        case 0x1227, 0x1222, 0xf014, 0x1881, 0x1338: .dfu
        case 0x1901...0x1905: .restore
        default: nil
        }
    }

    /// Vendor and product ids that say what an Android phone is, whatever interfaces it shows.
    static func android(vendorID: UInt16, productID: UInt16) -> USBMode? {
        switch (vendorID, productID) {
        case (VendorID.google, 0x4ee0), (VendorID.google, 0xd00d): .bootloader
        case (VendorID.google, 0x4ee1...0x4ee9), (VendorID.google, 0x4eeb...0x4eee): .usable
        case (VendorID.google, 0x2d00...0x2d05): .usable  // Android Open Accessory
        case (VendorID.samsung, 0x685d), (VendorID.samsung, 0x685e), (VendorID.samsung, 0x68c3),
            (VendorID.samsung, 0x6601):
            .bootloader
        case (VendorID.samsung, 0x6860), (VendorID.samsung, 0x6864), (VendorID.samsung, 0x6866),
            (VendorID.samsung, 0x686c):
            .usable
        case (VendorID.mediaTek, 0x0003), (VendorID.mediaTek, 0x2000): .emergencyDownload
        case (VendorID.mediaTek, 0x201c), (VendorID.mediaTek, 0x201d), (VendorID.mediaTek, 0x200a): .usable
        case (VendorID.qualcomm, 0x9008), (VendorID.qualcomm, 0x900e): .emergencyDownload
        default: nil
        }
    }
}

/// USB vendor ids, from the USB-IF's list.
enum VendorID {
    static let apple: UInt16 = 0x05ac
    static let google: UInt16 = 0x18d1
    static let samsung: UInt16 = 0x04e8
    static let mediaTek: UInt16 = 0x0e8d
    static let qualcomm: UInt16 = 0x05c6

    /// Xiaomi, OnePlus, Oppo and Realme, vivo, Huawei, Motorola, LG, Sony, HTC, Asus, Fairphone, Amazon, Lenovo, ZTE,
    /// Foxconn and three that small brands use. Most of them make other things too, so a vendor alone proves nothing.
    private static let phoneMakers: Set<UInt16> = [
        google, mediaTek, 0x2717, 0x2a70, 0x22d9, 0x2d95, 0x12d1, 0x22b8, 0x1004, 0x0fce, 0x0bb4, 0x0b05, 0x2ae5,
        0x1949, 0x17ef, 0x19d2, 0x0489, 0x1ebf, 0x2a47, 0x2e17,
    ]

    /// Samsung's phones have product ids 6xxx; its printers and drives have others.
    static func makesPhones(_ vendorID: UInt16, productID: UInt16) -> Bool {
        phoneMakers.contains(vendorID) || vendorID == samsung && productID >> 12 == 0x6
    }
}
