internal import Core

/// Who asks.
struct Caller: Hashable, Sendable {
    enum Identity: Hashable, Sendable {
        /// On the Unix socket: told by the kernel.
        case user(uid: UInt32)
        /// Over TCP: told by a token.
        case token(name: String)
        /// Over TCP: told by the cookie and the token of a browser that has signed in.
        case page(PageSession)
        case nobody(Reason)
    }

    /// Why one who came over TCP is nobody.
    enum Reason: Hashable, Sendable {
        case noToken
        case wrongToken
        case expired(name: String, at: WallTime)
        /// A browser whose session is over, or that has none.
        case signedOut
        /// Of a link.
        case wrongCode
    }

    var identity: Identity
    /// The process that connected, on the Unix socket; nil when its number means nothing to this one.
    var pid: Int32?
    var permissions: Set<Permission>
}
