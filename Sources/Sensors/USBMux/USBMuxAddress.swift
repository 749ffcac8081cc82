internal import Core

/// Where usbmuxd listens.
package enum USBMuxAddress: Hashable, Sendable, CustomStringConvertible {
    case unix(path: String)
    /// A numeric IPv4 or IPv6 address.
    case tcp(host: String, port: UInt16)

    /// The environment's `USBMUXD_SOCKET_ADDRESS`, which Apple's tools and libusbmuxd obey, or else `socket`.
    ///
    /// `UNIX:/path` in any case, a bare path, `host:port` or `[host]:port`; names are not looked up, but for `localhost`.
    package init(environment: [String: String], socket: String = "/var/run/usbmuxd") throws(USBMuxAddressFault) {
        let named = environment["USBMUXD_SOCKET_ADDRESS"] ?? ""
        guard let address = Self(named.isEmpty ? socket : named) else {
            throw USBMuxAddressFault(address: named.isEmpty ? socket : named, isFromEnvironment: !named.isEmpty)
        }
        self = address
    }

    private init?(_ text: String) {
        let isUnix = text.prefix(5).lowercased() == "unix:"
        if isUnix || text.hasPrefix("/") {
            let path = isUnix ? String(text.dropFirst(5)) : text
            guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.utf8.contains(0) else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        let numeric = host.lowercased() == "localhost" ? "127.0.0.1" : String(host)
        guard SocketAddress(host: numeric, port: port) != nil else { return nil }
        self = .tcp(host: numeric, port: port)
    }

    /// `sun_path` holds 108, the last one a zero (`unix(7)`).
    private static let longestPath = 107

    package var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

/// The address of usbmuxd is none.
package struct USBMuxAddressFault: Error, Hashable, CustomStringConvertible {
    package let address: String
    package let isFromEnvironment: Bool

    package var description: String {
        let source = isFromEnvironment ? "USBMUXD_SOCKET_ADDRESS" : "the socket of usbmuxd"
        return "\(source) is \"\(address.sensed(atMost: 200))\"; it is to be a path of at most 107 bytes, as "
            + "UNIX:/run/usbmuxd, or a numeric address and a port, as 127.0.0.1:27015"
    }
}
