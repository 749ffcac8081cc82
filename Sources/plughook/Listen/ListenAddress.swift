internal import ArgumentParser
internal import NIOCore

/// A loopback address and a port. No other address: a receiver for trying out must not be open to the network.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible, Sendable {
    static let standard = ListenAddress(host: "127.0.0.1", port: 8378)

    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(host: host == "localhost" ? "127.0.0.1" : host, port: Int(port))
    }

    var isLoopback: Bool {
        switch try? SocketAddress(ipAddress: host, port: port) {
        case .v4: host.hasPrefix("127.")
        case .v6: host == "::1"
        case .unixDomainSocket, nil: false
        }
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
