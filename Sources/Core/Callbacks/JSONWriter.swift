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

    private mutating func string(_ text: String) { Self.append(text, to: &bytes) }

    /// A JSON string. Escapes what RFC 8259 section 7 demands, and nothing else: everything above is sent as UTF-8.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // Most need no escape, and go over as one piece.
        if text.utf8.allSatisfy({ escape($0) == nil }) {
            bytes += text.utf8
        } else {
            for byte in text.utf8 {
                if let escape = escape(byte) { bytes += escape.utf8 } else { bytes.append(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x0a: "\\n"
        case 0x0d: "\\r"
        case 0x09: "\\t"
        case ..<0x20: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        default: nil
        }
    }
}
