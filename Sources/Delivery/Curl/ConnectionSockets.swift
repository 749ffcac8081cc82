internal import CCurl
internal import Glibc

/// Which socket each connection has, so that one whose receiver speaks out of turn can be ended.
///
/// An object, for all transfers share the connections. For one thread.
final class ConnectionSockets {
    /// What tells one connection from all others that are open at the same time.
    struct Ends: Hashable {
        var localPort: Int
        var peerPort: Int
        /// A numeric address.
        var peer: String
    }

    /// By the number of the socket: as many as were ever open at once. What is closed has no connection that is used again.
    private var connections: [curl_socket_t: Ends] = [:]

    /// A connection is there; one of these sockets, of which others were for addresses that were slower, is its own.
    func began(_ connection: Ends, over sockets: [curl_socket_t]) {
        for (socket, ends) in connections where ends == connection { connections[socket] = nil }
        guard let socket = sockets.last(where: { Self.localPort(of: $0) == connection.localPort }) else { return }
        connections[socket] = connection
    }

    /// Ends a connection that is to be used again when its receiver has sent something since the last answer; true when it
    /// has.
    ///
    /// libcurl before 8.0 would take that for the answer to the request that it is about to send, and the answer to that one
    /// for the next one's: a callback would count as accepted that was refused. As it is, it finds the connection broken
    /// when it sends, and makes another.
    func endIfEarly(_ connection: Ends) -> Bool {
        guard let socket = connections.first(where: { $0.value == connection })?.key else { return false }
        var byte: UInt8 = 0
        guard recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0 else { return false }
        return shutdown(socket, Int32(SHUT_RDWR)) == 0
    }

    private static func localPort(of socket: curl_socket_t) -> Int? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        // An IPv4 address has its port in the same place.
        return code == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }
}
