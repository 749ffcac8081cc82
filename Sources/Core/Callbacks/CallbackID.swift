/// The name of a callback in the `webhook-id` header: the same over all attempts, so that a receiver can drop doubles.
///
/// `msg_` and 27 characters of base 62 (160 bits); Standard Webhooks forbids a dot in it.
package struct CallbackID: Hashable, Sendable, CustomStringConvertible {
    /// A hundred thousand of them may wait in memory: as a text, each would be 64 bytes of their own besides.
    fileprivate enum Form: Hashable {
        /// Nine digits each, the first one the least.
        case digits(UInt64, UInt64, UInt64)
        case text(String)
    }

    private let form: Form

    package init(_ description: String) { form = Form(digitsOf: description) ?? .text(description) }

    package init(using random: inout some RandomNumberGenerator) {
        // Nine digits a draw: 62^9 is a thousandth of 2^64, so that no digit is noticeably likelier than another.
        form = .digits(
            random.next() % Form.limit, random.next() % Form.limit, random.next() % Form.limit)
    }

    package var description: String {
        switch form {
        case .digits(let a, let b, let c):
            var text = Array("msg_".utf8)
            for number in [a, b, c] { Form.append(number, to: &text) }
            return String(decoding: text, as: UTF8.self)
        case .text(let text): return text
        }
    }
}

extension CallbackID.Form {
    /// 62^9.
    fileprivate static let limit: UInt64 = 13_537_086_546_263_552
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    fileprivate static func append(_ number: UInt64, to text: inout [UInt8]) {
        var rest = number
        for _ in 0..<9 {
            text.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
    }

    /// Nil for what the agent has not made itself.
    fileprivate init?(digitsOf text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 31, bytes.starts(with: "msg_".utf8) else { return nil }
        var numbers: [UInt64] = []
        for start in [4, 13, 22] {
            var number: UInt64 = 0
            for byte in bytes[start..<start + 9].reversed() {
                guard let digit = Self.digit(byte) else { return nil }
                number = number * 62 + digit
            }
            numbers.append(number)
        }
        self = .digits(numbers[0], numbers[1], numbers[2])
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt64(byte - UInt8(ascii: "A")) + 10
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a")) + 36
        default: nil
        }
    }
}
