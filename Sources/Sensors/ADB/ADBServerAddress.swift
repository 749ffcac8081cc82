internal import Glibc

/// Where an adb server listens, told without asking a name service, which could keep the loop waiting.
struct ADBServerAddress {
    /// One family and address; `localhost` is two, tried in turn.
    enum Candidate: Hashable {
        /// Both in network order.
        case ipv4(UInt32, port: UInt16)
        case ipv6([UInt8], port: UInt16)
    }

    /// At least one.
    let candidates: [Candidate]

    /// From `127.0.0.1:5037`, `[::1]:5037` or `localhost:5037`; nil for other names and for what is no address.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        let host = text[..<colon]
        if ["localhost", "localhost.", "ip6-localhost"].contains(host.lowercased()) {
            candidates = ["127.0.0.1", "::1"].compactMap { Candidate($0, port: port) }
        } else if host.hasPrefix("["), host.hasSuffix("]") {
            candidates = [Candidate(String(host.dropFirst().dropLast()), port: port)].compactMap(\.self)
        } else {
            candidates = host.contains(":") ? [] : [Candidate(String(host), port: port)].compactMap(\.self)
        }
        if candidates.isEmpty { return nil }
    }
}

extension ADBServerAddress.Candidate {
    /// `host` without brackets.
    init?(_ host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self = .ipv4(four.s_addr, port: port.bigEndian)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self = .ipv6(withUnsafeBytes(of: six) { Array($0) }, port: port.bigEndian)
        } else {
            return nil
        }
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        }
    }

    /// For a system call that takes an address.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self {
        case .ipv4(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = host
            address.sin_port = port
            return Self.pass(&address, to: body)
        case .ipv6(let host, let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: host) }
            address.sin6_port = port
            return Self.pass(&address, to: body)
        }
    }

    private static func pass<Address, Result>(
        _ address: inout Address, to body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }
}
