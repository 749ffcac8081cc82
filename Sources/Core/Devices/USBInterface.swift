/// An interface's class, subclass and protocol: what the device can do.
package struct USBInterface: Hashable, Sendable, CustomStringConvertible {
    package let classCode: UInt8
    package let subclass: UInt8
    package let `protocol`: UInt8

    package init(_ classCode: UInt8, _ subclass: UInt8, _ protocol: UInt8) {
        self.classCode = classCode
        self.subclass = subclass
        self.protocol = `protocol`
    }

    /// Six hexadecimal digits, as udev writes them in `ID_USB_INTERFACES` (`:ff4201:`).
    package init?(hex: some StringProtocol) {
        guard hex.utf8.count == 6, hex.utf8.allSatisfy(\.isHexDigit), let value = UInt32(hex, radix: 16) else {
            return nil
        }
        self.init(UInt8(value >> 16), UInt8(value >> 8 & 0xff), UInt8(value & 0xff))
    }

    package var description: String {
        [classCode, subclass, `protocol`].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
