/// Writes one JSON object with its keys in the order given, without white space: the one writer of bodies.
package struct JSONObjectWriter: Sendable {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    package init() {}

    /// Nil becomes null.
    package mutating func add(_ key: String, _ value: String?) {
        begin(key)
        if let value { string(value) } else { bytes += "null".utf8 }
    }

    /// Nil becomes null.
    package mutating func add(_ key: String, _ value: Int64?) {
        begin(key)
        bytes += (value.map { String($0) } ?? "null").utf8
    }

    package mutating func add(_ key: String, _ values: [String]) {
        begin(key)
        bytes += ("[" + values.map(Self.quoted).joined(separator: ",") + "]").utf8
    }

    /// `value` is JSON already.
    package mutating func add(_ key: String, json value: [UInt8]) {
        begin(key)
        bytes += value
    }

    package consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        string(key)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func string(_ text: String) { bytes += Self.quoted(text).utf8 }

    /// A JSON string. Escapes what RFC 8259 section 7 demands, and nothing else: everything above is sent as UTF-8.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0a: bytes += "\\n".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case ..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }
}
