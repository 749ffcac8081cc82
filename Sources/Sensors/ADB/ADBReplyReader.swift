/// Takes apart what an adb server sends, however the stream is split: `OKAY` or `FAIL`, and texts behind a length.
///
/// A length is four hexadecimal digits, so nothing is longer than 65,535 bytes. What comes next is known from what was
/// asked; so its reader pulls. After a `Malformed` the connection is of no more use.
struct ADBReplyReader {
    enum Status: Hashable { case okay, fail }

    /// The bytes that stand where a status or a length should be.
    struct Malformed: Error, Hashable { let bytes: [UInt8] }

    private var bytes: [UInt8] = []
    /// Where in `bytes` the next to be taken is.
    private var next = 0

    /// Bytes that have come and are not taken.
    var count: Int { bytes.count - next }

    mutating func append(_ received: some Collection<UInt8>) {
        bytes.removeFirst(next)
        next = 0
        bytes += received
    }

    /// The status of an answer, or nil until it is there.
    mutating func takeStatus() throws(Malformed) -> Status? {
        guard let word = peek(4) else { return nil }
        switch word {
        case Array("OKAY".utf8)[...]: next += 4
        case Array("FAIL".utf8)[...]:
            next += 4
            return .fail
        default: throw Malformed(bytes: Array(word))
        }
        return .okay
    }

    /// The text behind a length, or nil until all of it is there.
    mutating func takeText() throws(Malformed) -> [UInt8]? {
        guard let digits = peek(4) else { return nil }
        var length = 0
        for digit in digits {
            guard let value = digit.hexadecimalValue else { throw Malformed(bytes: Array(digits)) }
            length = length << 4 | value
        }
        guard let whole = peek(4 + length) else { return nil }
        next += whole.count
        return Array(whole.dropFirst(4))
    }

    /// All that is there, for an answer that ends with the connection.
    mutating func takeRest() -> [UInt8] {
        defer { (bytes, next) = ([], 0) }
        return Array(bytes[next...])
    }

    private func peek(_ length: Int) -> ArraySlice<UInt8>? {
        count >= length ? bytes[next..<next + length] : nil
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
