internal import CCurl
internal import Core
internal import Glibc

/// Opens sockets for libcurl, where the policy lets it: the address that counts is the one that is connected to, whatever
/// name, spelling or number stands in the URL, and however often the name is asked.
///
/// An object, for libcurl's callback knows it by address: it must live as long as the handle.
final class SocketGuard {
    private(set) var policy = AddressPolicy()
    /// Why the last address was refused that was; nil when none was.
    private(set) var refusal: String?
    private let connections: ConnectionSockets
    private var hasOpened = false
    /// Opened for this transfer.
    private var opened: [curl_socket_t] = []
    private var hasRefusedPeer = false
    /// The text of the address that was looked at last, which may be sent to.
    private var permitted = ""

    /// `connections` is for all guards of transfers that share connections.
    init(_ connections: ConnectionSockets = ConnectionSockets()) { self.connections = connections }

    /// Before a transfer.
    func start(_ policy: AddressPolicy) {
        refusal = nil
        hasOpened = false
        opened = []
        hasRefusedPeer = false
        if policy != self.policy {
            self.policy = policy
            permitted = ""
        }
    }

    /// The transfer came to nothing because there was no address that may be sent to.
    var hasRefusedAll: Bool { hasRefusedPeer || refusal != nil && !hasOpened }

    func install(on handle: borrowing EasyHandle) throws(CurlError) {
        try handle.set(openSocket: openSocket)
        try handle.set(CURLOPT_OPENSOCKETDATA, pointer: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether a request may go to this peer: over a connection that is used again, by another policy than it was made by.
    func permits(peer: UnsafePointer<CChar>?) -> Bool {
        let text = peer.map { String(cString: $0) } ?? ""
        if !text.isEmpty, text == permitted { return true }
        // With its zone, when it is of the link.
        guard let address = IPAddress(String(text.prefix { $0 != "%" })) else {
            hasRefusedPeer = true
            return refuse("an unknown address")
        }
        guard permits(address) else {
            hasRefusedPeer = true
            return false
        }
        permitted = text
        return true
    }

    /// A request is about to go over this connection. True when it is used again and its receiver has spoken before it was
    /// asked: it is ended then.
    func hasSpoken(_ connection: ConnectionSockets.Ends) -> Bool {
        guard hasOpened else { return connections.endIfEarly(connection) }
        connections.began(connection, over: opened)
        return false
    }

    /// libcurl itself opens sockets that every child process would inherit.
    fileprivate func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let peer = IPAddress(address) else {
            _ = refuse("an address of another kind than IP")
            return CURL_SOCKET_BAD
        }
        guard permits(peer) else { return CURL_SOCKET_BAD }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let socket = socket(address.pointee.family, type, address.pointee.protocol)
        hasOpened = true
        if socket != CURL_SOCKET_BAD { opened.append(socket) }
        return socket
    }

    private func permits(_ address: IPAddress) -> Bool {
        guard let objection = policy.objection(to: address) else { return true }
        return refuse("\(address) \(objection)")
    }

    private func refuse(_ words: String) -> Bool {
        refusal = "\(words): nothing is sent there"
        return false
    }
}

private let openSocket: curl_opensocket_callback = { context, _, address in
    guard let context, let address else { return CURL_SOCKET_BAD }
    return Unmanaged<SocketGuard>.fromOpaque(context).takeUnretainedValue().open(address)
}

extension IPAddress {
    fileprivate init?(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        // The address is in place, however long it is: what libcurl declares is its beginning.
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        let place = UnsafeRawPointer(address) + offset
        switch address.pointee.family {
        case AF_INET where address.pointee.addrlen >= MemoryLayout<sockaddr_in>.size:
            let bytes = withUnsafeBytes(of: place.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
            self.init(bytes)
        case AF_INET6 where address.pointee.addrlen >= MemoryLayout<sockaddr_in6>.size:
            let bytes = withUnsafeBytes(of: place.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
            self.init(bytes)
        default: return nil
        }
    }
}
