import Core

extension JSONParser {
    /// The text of the string literal that starts here, past its closing quote.
    mutating func parseString() throws(Finding) -> String {
        let start = offset
        offset += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                let scalar = try parseEscape()
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            case 0..<0x20:
                throw fault(
                    "a text holds a control character or runs over the line's end", "write it as \\n, \\t or \\u001f")
            case 0x20..<0x80:
                text.append(byte)
                offset += 1
            default:
                let length = multibyteLength(at: offset)
                guard length > 0 else {
                    throw fault("the bytes of a text are not valid UTF-8", "save the file as UTF-8")
                }
                text.append(contentsOf: bytes[offset..<offset + length])
                offset += length
            }
        }
        throw fault("a text has no end", "close it with a double quote", at: start)
    }

    private mutating func parseEscape() throws(Finding) -> Unicode.Scalar {
        let start = offset
        offset += 1
        let escaped = current
        offset += 1
        switch escaped {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape(from: start)
        default:
            throw fault(
                "a backslash is followed by none of \" \\ / b f n r t u", "write a backslash itself as \\\\", at: start)
        }
    }

    private mutating func parseUnicodeEscape(from start: Int) throws(Finding) -> Unicode.Scalar {
        let first = try parseFourHexDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // What is no scalar is a surrogate: only a high one with a low one behind it has a meaning.
        let isHigh = first < 0xDC00
        if isHigh, current == UInt8(ascii: "\\"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "u") {
            offset += 2
            let second = try parseFourHexDigits(from: start)
            let value = 0x10000 + (first - 0xD800) << 10 + (second & 0x3FF)
            if second >= 0xDC00, second < 0xE000, let scalar = Unicode.Scalar(value) { return scalar }
        }
        throw fault("half of a surrogate pair stands alone", "write the character itself, or both halves", at: start)
    }

    private mutating func parseFourHexDigits(from start: Int) throws(Finding) -> UInt32 {
        let digits = bytes[min(offset, bytes.count)...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("\\u is not followed by four hexadecimal digits", "write it like \\u00e9", at: start) }
        offset += 4
        return value
    }

    /// The length of the well-formed sequence of two bytes or more at a place, 0 when there is none.
    ///
    /// The ranges are those of table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing past U+10FFFF.
    private func multibyteLength(at place: Int) -> Int {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch bytes[place] {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0x80...0x80)
            }
        guard length > 0, place + length <= bytes.count, second.contains(bytes[place + 1]),
            bytes[place + 2..<max(place + 2, place + length)].allSatisfy({ $0 & 0xC0 == 0x80 })
        else { return 0 }
        return length
    }
}
