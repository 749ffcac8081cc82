import Core

/// What a webhook's URL must be: absolute, `http` or `https`, and valid by the letter of RFC 3986.
///
/// The objections never show the URL: its path and query may be a secret (the address of a chat is one).
enum WebhookURL {
    static let longest = 512

    static func check(_ text: String) throws(Objection) {
        try checkCharacters(text)
        let rest = try dropScheme(text)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if authority.contains("@") {
            throw Objection("has user information before the host", "remove everything between // and @, and the @")
        }
        if authority.contains("%") {
            throw Objection(
                "has a percent sign in the host", "write the host plainly; IPv6 zones and escapes are not supported")
        }
        _ = try Endpoint(authority: authority)
        try checkPathAndQuery(rest[authority.endIndex...])
    }

    private static func checkCharacters(_ text: String) throws(Objection) {
        for (index, scalar) in text.unicodeScalars.enumerated() {
            switch scalar {
            case " ":
                throw Objection("has a space at character \(index + 1)", "remove it, or write it as %20")
            case "\0"..<" ", "\u{7F}"..<"\u{A0}":
                throw Objection("has a control character at character \(index + 1)", "remove it")
            case "\u{A0}"...:
                throw Objection(
                    "has a character outside of ASCII at character \(index + 1)",
                    "percent-encode it; write an international host in its xn-- form")
            case "#":
                throw Objection("has a fragment", "remove the # and what follows, or write the # as %23")
            default: break
            }
        }
    }

    /// What follows `http://` or `https://`.
    private static func dropScheme(_ text: String) throws(Objection) -> Substring {
        guard let colon = text.firstIndex(of: ":"), ["http", "https"].contains(text[..<colon].lowercased()) else {
            throw Objection("does not start with http:// or https://", "give an absolute URL")
        }
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else {
            throw Objection("has no // behind the scheme", "write it like https://ci.example.com/hook")
        }
        return rest.dropFirst(2)
    }

    private static func checkPathAndQuery(_ text: Substring) throws(Objection) {
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%") {
                let digits = bytes.prefix(2)
                guard digits.count == 2, digits.allSatisfy(\.isHexDigit) else {
                    throw Objection(
                        "has a percent sign without two hexadecimal digits", "write a percent sign itself as %25")
                }
                bytes = bytes.dropFirst(2)
            } else if !byte.isAlphanumeric, !allowedMarks.contains(byte) {
                let code = String(byte, radix: 16, uppercase: true)
                throw Objection(
                    "has the character \(Unicode.Scalar(byte)) behind the host, which URLs do not have",
                    "write it as %\(code)")
            }
        }
    }

    /// RFC 3986: unreserved, sub-delims, and what a path or a query has beside them.
    private static let allowedMarks = Set("-._~!$&'()*+,;=:@/?".utf8)
}

extension Kind where Value == String {
    static var webhookURL: Kind {
        .text(1...WebhookURL.longest, "an absolute http or https URL")
            .checked(adding: ["format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+([/?][^#]*)?$"]) {
                (text) throws(Objection) in try WebhookURL.check(text)
            }
    }

    /// What paths are appended to.
    static var baseURL: Kind {
        .text(1...WebhookURL.longest, "an absolute http or https URL without a query")
            .checked(adding: ["format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+(/[^?#]*)?$"]) {
                (text) throws(Objection) in
                try WebhookURL.check(text)
                guard !text.contains("?") else { throw Objection("has a query", "remove the ? and what follows") }
            }
    }
}
