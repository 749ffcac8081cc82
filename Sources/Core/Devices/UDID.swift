/// The identity of a phone: the Android serial, or Apple's identifier in its canonical form.
///
/// Android serials are compared byte for byte. Apple's identifiers are compared without case and with or without the
/// dash, which this type achieves by holding one canonical spelling.
package struct UDID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// An identity as it is, already canonical: from the database, or an Android serial.
    package init(_ canonical: String) { description = canonical }

    /// Apple's identifier from a USB serial or a configuration file.
    ///
    /// 24 hexadecimal digits get a dash after the eighth and upper case (iPhone XS and newer), 40 become lower case
    /// (older ones); 8-16 with the dash is the first form as people write it. Nil when it is none of these.
    package init?(apple text: String) {
        let trimmed = text.trimmingNULAndSpace()
        let bytes = Array(trimmed.utf8)
        if bytes.count == 25, bytes[8] == UInt8(ascii: "-"), (bytes[..<8] + bytes[9...]).allSatisfy(\.isHexDigit) {
            description = trimmed.uppercased()
        } else if bytes.count == 24, bytes.allSatisfy(\.isHexDigit) {
            description = (trimmed.prefix(8) + "-" + trimmed.dropFirst(8)).uppercased()
        } else if bytes.count == 40, bytes.allSatisfy(\.isHexDigit) {
            description = trimmed.lowercased()
        } else {
            return nil
        }
    }
}

extension UInt8 {
    package var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension String {
    /// Without the NULs and white space that descriptors are padded with, at either end.
    package func trimmingNULAndSpace() -> String {
        let isPadding = { (c: Unicode.Scalar) in c == "\0" || c.properties.isWhitespace }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isPadding($0) }),
            let last = scalars.lastIndex(where: { !isPadding($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
