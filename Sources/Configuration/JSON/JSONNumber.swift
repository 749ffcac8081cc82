/// A number as it is written; no digit of it is lost on the way through a floating-point type.
package struct JSONNumber: Hashable, Sendable {
    package let text: String

    /// The exact value when it is a whole one that fits: `1e3` and `1000.0` are 1000, as JSON Schema sees them too.
    package var integer: Int64? {
        let parts = text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
        guard let mantissa = parts.first else { return nil }
        let isNegative = mantissa.first == UInt8(ascii: "-")
        let halves = mantissa.drop(while: { $0 == UInt8(ascii: "-") }).split(separator: UInt8(ascii: "."))
        var digits = halves.joined().map { Int64($0 - UInt8(ascii: "0")) }
        var scale = parts.count == 2 ? Self.exponent(parts[1]) : 0
        scale -= halves.count == 2 ? halves[1].count : 0
        while digits.last == 0 {
            digits.removeLast()
            scale += 1
        }
        if digits.isEmpty { return 0 }
        let significant = digits.drop { $0 == 0 }
        guard scale >= 0, significant.count + scale <= 19 else { return nil }
        return Self.value(of: significant + Array(repeating: 0, count: scale), isNegative: isNegative)
    }

    /// Clamped to where every number is zero, a fraction or too large anyway.
    private static func exponent(_ text: Substring.UTF8View) -> Int {
        let limit = 1 << 40
        guard let value = Int(Substring(text)) else {
            return text.first == UInt8(ascii: "-") ? -limit : limit
        }
        return min(max(value, -limit), limit)
    }

    private static func value(of digits: ArraySlice<Int64>, isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}
