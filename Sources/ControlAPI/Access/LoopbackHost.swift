internal import NIOCore

/// A host that is this one and no other, with a port or without.
struct LoopbackHost: Hashable, Sendable {
    /// Never a name.
    let ipAddress: String
    let port: Int?

    /// `127.0.0.1:8377`, `[::1]`, `localhost:80`, as a listen address and a `Host` header have them; nil for others.
    init?(_ text: String) {
        let hostEnd = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        let host = text[..<(hostEnd ?? text.endIndex)]
        let rest = text[host.endIndex...]
        if rest.isEmpty {
            port = nil
        } else {
            let digits = rest.dropFirst()
            guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(digits)
            else { return nil }
            port = Int(number)
        }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
        let name = bare.lowercased() == "localhost" ? "127.0.0.1" : bare
        guard let address = try? SocketAddress(ipAddress: name, port: 0) else { return nil }
        switch address {
        case .v4 where !host.hasPrefix("[") && name.hasPrefix("127."): ipAddress = name
        case .v6 where host.hasPrefix("[") && address.ipAddress == "::1": ipAddress = "::1"
        default: return nil
        }
    }
}
