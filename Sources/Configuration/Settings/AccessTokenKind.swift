import Core

extension Kind where Value == [AccessToken] {
    /// One secret under two names would leave open which of them counts.
    static var accessTokens: Kind {
        .list(
            of: .accessToken,
            distinct: [
                Distinct(member: "name", noun: "name") { $0.name.isEmpty ? nil : Array($0.name.utf8) },
                Distinct(member: "sha256", noun: "token") { $0.digest == .unknown ? nil : $0.digest.bytes },
            ])
    }
}

extension Kind where Value == AccessToken {
    private static let name = Field(
        "name", \AccessToken.name, .text(1...50), isRequired: true,
        "What it is called here and in the audit trail, the only one of that spelling.")
    private static let digest = Field(
        "sha256", \AccessToken.digest, .tokenDigest, isRequired: true,
        "The SHA-256 of the token, which itself is nowhere kept.")
    private static let permissions = Field(
        "permissions", \AccessToken.permissions, .permissions, isRequired: true, "What whoever shows it may do.")
    private static let expires = Field(
        "expires", \AccessToken.expires, Kind<WallTime>.moment.orNone,
        "From when on it is refused; by default it is good until it is revoked.")
    private static let empty = AccessToken(name: "", digest: .unknown, permissions: [])

    static var accessToken: Kind { .object(empty, [name, digest, permissions, expires]) }

    /// One that is to be made: whoever asks for it does not choose the secret.
    static var requestedToken: Kind { .object(empty, [name, permissions, expires]) }
}

extension Kind where Value == TokenDigest {
    fileprivate static var tokenDigest: Kind {
        let expectation = "64 hexadecimal digits, as sha256sum writes them"
        return Kind<String>.plain(
            expectation, schema: ["type": "string", "pattern": "^[0-9A-Fa-f]{64}$"], literal: { .string($0) },
            extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .converted(back: { $0.hex }) { (text) throws(Objection) in
            // Not shown: somebody may have given the token itself.
            guard let digest = TokenDigest(hex: text) else {
                throw Objection("is no SHA-256", "give \(expectation): printf %s TOKEN | sha256sum")
            }
            return digest
        }
    }
}

extension Kind where Value == Set<Permission> {
    fileprivate static var permissions: Kind {
        Kind<[Permission]>.list(
            of: .choice(), count: 1...Permission.allCases.count,
            distinct: [Distinct(member: nil, noun: "permission") { Array($0.rawValue.utf8) }]
        )
        .converted(back: { permissions in Permission.allCases.filter(permissions.contains) }, by: { Set($0) })
    }
}
