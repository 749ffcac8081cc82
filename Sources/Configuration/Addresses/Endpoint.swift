/// A host and a port, as in `127.0.0.1:5037` or `[::1]:8377`.
struct Endpoint: Hashable {
    let host: Host
    /// Nil when there is no colon for it.
    let port: UInt16?

    /// The part of a URL between the slashes and the path.
    init(authority: Substring) throws(Objection) {
        let searchStart = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[searchStart...].lastIndex(of: ":") else {
            host = try Host(authority)
            port = nil
            return
        }
        host = try Host(authority[..<colon])
        port = try Self.port(authority[authority.index(after: colon)...])
    }

    private static func port(_ text: Substring) throws(Objection) -> UInt16 {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), !text.hasPrefix("0"),
            let port = UInt16(text)
        else { throw Objection("has no valid port behind the colon", "give a port from 1 to 65535") }
        return port
    }
}

extension Kind where Value == String {
    /// Host and port, kept as written.
    static var endpoint: Kind {
        let expectation = "a host and a port, like \"127.0.0.1:5037\""
        return .text(1...300, expectation).checked(adding: ["pattern": "^.+:[0-9]{1,5}$"]) { (text) throws(Objection) in
            _ = try Endpoint(withPort: text)
        }
    }

    /// The same, found without a name service, for which the agent would have to wait.
    static var numericEndpoint: Kind {
        .endpoint.checked { (text) throws(Objection) in
            guard try Endpoint(withPort: text).host.isNumeric else {
                throw Objection("is a name, which would have to be looked up", "give the address, like 192.0.2.7:5037")
            }
        }
    }

    /// The same, reachable from this host only.
    static var loopbackEndpoint: Kind {
        .endpoint.checked { (text) throws(Objection) in
            guard try Endpoint(withPort: text).host.isLoopback else {
                throw Objection(
                    "can be reached from other hosts",
                    "listen on 127.0.0.1 or [::1]; what comes from outside goes through a proxy with TLS")
            }
        }
    }
}

extension Endpoint {
    fileprivate init(withPort text: String) throws(Objection) {
        try self.init(authority: Substring(text))
        if port == nil { throw Objection("has no port", "give host and port, like 127.0.0.1:5037") }
    }
}
