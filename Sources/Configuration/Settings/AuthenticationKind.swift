internal import Core
internal import FoundationEssentials

/// How callbacks say who sends them: what is secret in it is somewhere else.
package enum AuthenticationReference: Hashable, Sendable {
    /// `Authorization: Bearer …` (RFC 6750).
    case bearer(SecretReference)
    /// `Authorization: Basic …` (RFC 7617).
    case basic(user: String, password: SecretReference)
}

extension AuthenticationReference {
    var secret: SecretReference {
        switch self {
        case .bearer(let secret): secret
        case .basic(_, let password): password
        }
    }

    /// Reads the secret and makes the header of it.
    func authorization(
        beside path: String, _ environment: (String) -> String?
    ) throws(Objection) -> Authorization {
        switch self {
        case .bearer(let secret):
            let token = try secret.text(beside: path, environment)
            // RFC 6750, 2.1: b64token.
            guard token.wholeMatch(of: /[A-Za-z0-9\-._~+\/]+=*/) != nil else {
                throw Objection("the secret is no bearer token", "give letters, digits and -._~+/ alone")
            }
            return Authorization(header: "Bearer \(token)")
        case .basic(let user, let password):
            let text = try password.text(beside: path, environment)
            guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw Objection("the secret is no password", "give one line of text")
            }
            return Authorization(header: "Basic " + Data("\(user):\(text)".utf8).base64EncodedString())
        }
    }
}

extension Kind where Value == AuthenticationReference? {
    static var authentication: Kind {
        Kind<AuthenticationMembers>.authentication.converted(
            back: { AuthenticationMembers($0) }, by: { $0.reference })
    }
}

/// As the file writes it.
private struct AuthenticationMembers: Hashable {
    var bearer: SecretReference?
    var basic: BasicMembers?

    var reference: AuthenticationReference? {
        bearer.map { .bearer($0) }
            ?? basic.flatMap { basic in basic.password.map { .basic(user: basic.user, password: $0) } }
    }

    init() {}

    init(_ reference: AuthenticationReference?) {
        switch reference {
        case .bearer(let secret): bearer = secret
        case .basic(let user, let password): basic = BasicMembers(user: user, password: password)
        case nil: break
        }
    }
}

private struct BasicMembers: Hashable {
    var user = ""
    var password: SecretReference?
}

extension Kind where Value == AuthenticationMembers {
    fileprivate static var authentication: Kind {
        .object(
            AuthenticationMembers(),
            [
                Field(
                    "bearer", \.bearer, .secret, "Where the token is: callbacks have \"Authorization: Bearer TOKEN\"."),
                Field("basic", \.basic, Kind<BasicMembers>.basic.orNone, "A user and where the password is."),
            ],
            settle: { _, cursor, findings in
                guard case .object(let given) = cursor.node.value,
                    given.count(where: { ["bearer", "basic"].contains($0.key) }) > 1
                else { return }
                findings.add("has two ways to authenticate", "give \"bearer\" or \"basic\"", at: cursor)
            })
    }
}

extension Kind where Value == BasicMembers {
    fileprivate static var basic: Kind {
        .object(
            BasicMembers(),
            [
                Field(
                    "user", \.user,
                    .text(1...128).checked { (user) throws(Objection) in
                        // RFC 7617, 2.
                        if user.contains(":") { throw Objection("has a colon", "give a user without one") }
                    }, isRequired: true, "Who it is."),
                Field("password", \.password, .secret, isRequired: true, "Where the password is."),
            ])
    }
}
