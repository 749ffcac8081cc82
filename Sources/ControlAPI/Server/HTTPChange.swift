internal import Glibc
internal import Linux
internal import NIOCore

/// What is to become of the TCP listener, and who is told of it.
struct HTTPChange: Sendable {
    /// Nil: there is to be none.
    let listen: String?
    /// Called once; with the address in force, its port included.
    let completion: @Sendable (Result<String?, ControlServerError>) -> Void
}

/// The TCP listener that is there, if any.
struct HTTPListener {
    private var current: (host: LoopbackHost, listener: Listener)?

    /// The new one listens before the old one is closed; when it cannot, the old one stays and the reason is thrown.
    ///
    /// Returns one that is to be run.
    mutating func change(
        to listen: String?, open: (SocketAddress) async throws -> Listener
    ) async throws(ControlServerError) -> Listener? {
        guard let listen else {
            close()
            return nil
        }
        guard let host = LoopbackHost(listen), let port = host.port else {
            throw ControlServerError(
                address: listen, problem: "it is no host and port of this host alone",
                advice: "set control.http.listen to 127.0.0.1 or [::1] and a port")
        }
        if current?.host == host { return nil }
        do {
            let listener = try await open(try SocketAddress(ipAddress: host.ipAddress, port: port))
            close()
            current = (host, listener)
            return listener
        } catch {
            throw Self.failure(error, at: listen)
        }
    }

    mutating func close() {
        current?.listener.close()
        current = nil
    }

    /// Host and port, as they are in force.
    var address: String? {
        guard let address = current?.listener.address, let ip = address.ipAddress, let port = address.port else {
            return nil
        }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }

    private static func failure(_ error: any Error, at address: String) -> ControlServerError {
        let code = (error as? IOError)?.errnoCode
        let advice =
            switch code {
            case EADDRINUSE: "stop the program that listens there (ss -ltnp names it), or set control.http.listen"
            case EACCES: "set control.http.listen to a port from 1024 on"
            default: "set control.http.listen to another address"
            }
        return ControlServerError(
            address: address, problem: code.map { "\(SystemError("bind", code: $0))" } ?? "\(error)", advice: advice)
    }
}
