/// The identity that a USB device tells of itself.
package enum Identity: Hashable, Sendable {
    case serial(UDID)
    /// Apple's recovery and DFU modes hide the serial but show the chip's ECID: the second half of a 24-digit UDID.
    case ecid(String)
    /// Nothing to tell it by: empty, a placeholder, or longer than USB allows.
    case none

    package init(_ device: USBDevice, platform: Platform) {
        let serial = (device.serial ?? "").trimmingNULAndSpace()
        if platform == .ios, let ecid = Self.ecid(in: serial) {
            self = .ecid(ecid)
        } else if serial.isEmpty || serial.allSatisfy({ $0 == "?" }) || serial.utf8.count > Self.longestSerial {
            self = .none
        } else if platform == .ios, serial.contains("CPID:") {
            self = .none
        } else {
            self = .serial(platform == .ios ? UDID(apple: serial) ?? UDID(serial) : UDID(serial))
        }
    }

    /// A string descriptor holds 126 UTF-16 units, each at most three bytes of UTF-8.
    private static let longestSerial = 126 * 3

    /// The 16 digits behind `ECID:` in Apple's mode serial (`CPID:8020 … ECID:001A2D3E4F50601E IBFL:3C …`).
    private static func ecid(in serial: String) -> String? {
        guard let field = serial.split(separator: " ").first(where: { $0.hasPrefix("ECID:") }) else { return nil }
        let digits = field.dropFirst(5)
        guard digits.utf8.count == 16, digits.utf8.allSatisfy(\.isHexDigit) else { return nil }
        return digits.uppercased()
    }

    /// Serials that factories burn into every unit: an identity only as long as nobody else has it.
    package static let factorySerials: Set<String> = ["0123456789ABCDEF", "1234567890ABCDEF", "serial", "unknown"]
}

extension UDID {
    /// The part that Apple's modes without a serial still show, or nil for other forms.
    package var ecid: Substring? {
        let bytes = description.utf8
        guard bytes.count == 25, bytes.dropFirst(8).first == UInt8(ascii: "-") else { return nil }
        return description.suffix(16)
    }
}
