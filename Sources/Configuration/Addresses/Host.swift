import Core
import Glibc

/// The host of an address: a name, an IPv4 address, or an IPv6 address without its brackets.
struct Host: Hashable {
    private enum Form: Hashable { case name, ipv4, ipv6 }

    let text: String
    private let form: Form

    /// A host as it stands in a URL, IPv6 in brackets.
    init(_ text: Substring) throws(Objection) {
        if text.isEmpty { throw Objection("has no host", "name the host, like ci.example.com") }
        if text.utf8.first == UInt8(ascii: "[") {
            let inner = String(text.dropFirst().dropLast())
            guard text.utf8.last == UInt8(ascii: "]"), Self.isAddress(inner, family: AF_INET6) else {
                throw Objection("has no valid IPv6 address in the brackets", "write it like [2001:db8::1]")
            }
            self.text = inner
            form = .ipv6
            return
        }
        self.text = String(text)
        form = try Self.form(of: text)
    }

    /// Whether only programs on this host can be reached by it.
    var isLoopback: Bool {
        switch form {
        case .name: ["localhost", "localhost."].contains(text.lowercased())
        case .ipv4: text.hasPrefix("127.")
        case .ipv6:
            withIPv6Bytes { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
    }

    /// Whether it can be reached without asking a name service.
    var isNumeric: Bool { form != .name || isLoopback }

    private static func form(of text: Substring) throws(Objection) -> Form {
        if text.utf8.contains(UInt8(ascii: ":")) {
            throw Objection(
                "has more than one colon in the host", "put an IPv6 address in brackets, like [2001:db8::1]")
        }
        guard text.utf8.allSatisfy(\.isHostCharacter) else {
            throw Objection(
                "has a character in the host that host names do not have",
                "use letters, digits, hyphens and dots; write an international name in its xn-- form")
        }
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        if isNumber(labels[labels.count - 1]) {
            // curl would read 1, 0x7f.1 or 127.1 as addresses too: nobody means them, and a filter does not see them.
            guard isAddress(String(text), family: AF_INET) else {
                throw Objection(
                    "has a host that looks like an IPv4 address and is none", "write four numbers from 0 to 255")
            }
            return .ipv4
        }
        guard labels.joined(separator: ".").utf8.count <= 253, labels.allSatisfy({ 1...63 ~= $0.utf8.count }) else {
            throw Objection(
                "has a host name with an empty or too long part", "use parts of 1 to 63 characters, 253 in all")
        }
        return .name
    }

    private static func isNumber(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) { return !label.isEmpty }
        return label.lowercased().hasPrefix("0x") && label.dropFirst(2).utf8.allSatisfy(\.isHexDigit)
    }

    private static func isAddress(_ text: String, family: Int32) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }

    private func withIPv6Bytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var address = in6_addr()
        _ = inet_pton(AF_INET6, text, &address)
        return withUnsafeBytes(of: address, body)
    }
}

extension UInt8 {
    /// A letter or digit of ASCII.
    var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    /// Underscores are no part of a host name by the letter, but container networks have them.
    fileprivate var isHostCharacter: Bool {
        isAlphanumeric || self == UInt8(ascii: "-") || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
    }
}
