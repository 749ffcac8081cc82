internal import Core

/// Who asks.
struct Caller: Hashable, Sendable {
    enum Identity: Hashable, Sendable {
        /// On the Unix socket: told by the kernel.
        case user(uid: UInt32)
        /// Over TCP: told by a token.
        case token(name: String)
        case nobody(Reason)
    }

    /// Why one who came over TCP is nobody.
    enum Reason: Hashable, Sendable {
        case noToken
        case wrongToken
        case expired(name: String, at: WallTime)
    }

    var identity: Identity
    var permissions: Set<Permission>
}
