/// Who may do what over TCP by showing a secret, of which only the digest is known here.
package struct AccessToken: Hashable, Sendable {
    /// 1–50 code points; no other token has the same bytes.
    package var name: String
    package var digest: TokenDigest
    /// At least one.
    package var permissions: Set<Permission>
    /// From this moment on it is refused; nil means that it is good until it is revoked.
    package var expires: WallTime?

    package init(name: String, digest: TokenDigest, permissions: Set<Permission>, expires: WallTime? = nil) {
        self.name = name
        self.digest = digest
        self.permissions = permissions
        self.expires = expires
    }

    package func isExpired(at now: WallTime) -> Bool { expires.map { $0 <= now } ?? false }
}

/// The SHA-256 of a token's text.
package struct TokenDigest: Hashable, Sendable {
    /// 32 of them.
    package let bytes: [UInt8]

    /// Nil when these are not 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// As `sha256sum` writes it, in either case; nil when these are not 64 hexadecimal digits.
    package init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.length, digits.allSatisfy(\.isHexDigit) else { return nil }
        bytes = stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
        }
    }

    /// The digest of no text that anybody knows.
    package static let unknown = TokenDigest()

    private init() { bytes = Array(repeating: 0, count: Self.length) }

    private static let length = 32

    /// In small letters.
    package var hex: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
