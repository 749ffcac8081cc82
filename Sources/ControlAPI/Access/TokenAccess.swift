internal import Core
internal import Crypto
internal import Linux

/// Who may do what over TCP: told for each request, by the token that it shows.
final class TokenAccess: Sendable {
    private let tokens = Locked<[AccessToken]>([])
    private let now: @Sendable () -> WallTime

    init(now: @escaping @Sendable () -> WallTime) { self.now = now }

    /// In force for the next request, and for event streams before their next event.
    func replace(_ tokens: [AccessToken]) { self.tokens.withLock { $0 = tokens } }

    /// False while there is no token at all.
    var isOpen: Bool { tokens.withLock { !$0.isEmpty } }

    /// `authorization` is the header as it came.
    func caller(_ authorization: String?) -> Caller {
        guard let secret = authorization.flatMap(Self.bearer) else { return .nobody(.noToken) }
        guard let token = token(of: secret) else { return .nobody(.wrongToken) }
        if let expires = token.expires, token.isExpired(at: now()) {
            return .nobody(.expired(name: token.name, at: expires))
        }
        return Caller(identity: .token(name: token.name), permissions: token.permissions)
    }

    /// The time that it takes says nothing about how much of a digest is right: all are compared, each as a whole.
    private func token(of secret: Substring) -> AccessToken? {
        let digest = SHA256.hash(data: Array(secret.utf8))
        var found: AccessToken?
        for token in tokens.withLock({ $0 }) where digest == token.digest.bytes { found = token }
        return found
    }

    /// The scheme's name is compared without case (RFC 9110, 11.1).
    private static func bearer(_ authorization: String) -> Substring? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].drop { $0 == " " }
    }
}

extension Caller {
    static func nobody(_ reason: Reason) -> Caller { Caller(identity: .nobody(reason), permissions: []) }

    static func page(_ session: PageSession) -> Caller {
        Caller(identity: .page(session), permissions: session.permissions)
    }
}

extension TokenDigest {
    init?(of secret: String) { self.init(bytes: Array(SHA256.hash(data: Array(secret.utf8)))) }
}
