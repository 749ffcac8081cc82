internal import Glibc

/// Where a socket connects to.
struct SocketAddress: Hashable {
    struct Unknown: Error, Hashable {
        /// The resolver's.
        let words: String
    }

    let family: Int32
    /// A `sockaddr` of the family.
    let bytes: [UInt8]

    /// The addresses of a TCP port, `host:port` or `[::1]:5037`; at least one.
    ///
    /// Blocks for as long as the resolver takes with a name.
    static func all(of endpoint: String) throws(Unknown) -> [SocketAddress] {
        guard let colon = endpoint.lastIndex(of: ":") else { throw Unknown(words: "there is no port") }
        let host = endpoint[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(String(host), String(endpoint[endpoint.index(after: colon)...]), &hints, &list)
        guard code == 0 else { throw Unknown(words: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
            }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw Unknown(words: "the name has no address") }
        return addresses
    }
}
