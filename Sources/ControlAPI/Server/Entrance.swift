internal import Linux
internal import NIOCore

/// By which way connections come, and so how it is told who is at the other end.
enum Entrance: Sendable {
    /// The kernel tells it, once for a connection.
    case socket(Access, credentials: @Sendable (Int32) throws(SystemError) -> PeerCredentials)
    /// A token or a cookie tells it, for each request.
    case network(TokenAccess, PageAccess)

    /// On the event loop; throws when the kernel does not tell who it is.
    func visitor(on channel: any Channel) throws -> Visitor {
        switch self {
        case .network(let tokens, let page): return .network(tokens, page)
        case .socket(let access, let credentials):
            let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self, credentials)
            guard let peer else { throw ChannelError.operationUnsupported }
            return .local(access.caller(peer))
        }
    }
}

/// What is known of the other end of a connection.
enum Visitor: Sendable {
    case local(Caller)
    case network(TokenAccess, PageAccess)

    /// When it has just come.
    var isStranger: Bool {
        switch self {
        case .local(let caller): caller.permissions.isEmpty
        case .network: true
        }
    }
}
