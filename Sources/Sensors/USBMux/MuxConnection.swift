internal import Glibc
internal import Linux

/// A connection to usbmuxd that never waits. For one thread.
final class MuxConnection {
    private let handle: OwnedDescriptor
    private var outgoing: [UInt8] = []

    /// Connects, or begins to: over TCP the outcome comes with the first `send` or `receive` after it is writable.
    init(to address: USBMuxAddress) throws(SystemError) {
        let socketAddress =
            switch address {
            case .unix(let path): SocketAddress(path: path)
            case .tcp(let host, let port): SocketAddress(host: host, port: port)
            }
        guard let socketAddress else { throw SystemError("connect", code: EAFNOSUPPORT) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        handle = try OwnedDescriptor(socket(socketAddress.family, type, 0), from: "socket")
        guard socketAddress.connect(handle.raw) == 0 || errno == EINPROGRESS else { throw SystemError("connect") }
    }

    var descriptor: Int32 { handle.raw }

    /// What to wait for: writable only while something waits to be sent.
    var interest: Interest { outgoing.isEmpty ? .readable : [.readable, .writable] }

    /// Sends now or, for what the kernel does not take, with a later `flush`.
    func send(_ bytes: [UInt8]) throws(SystemError) {
        outgoing += bytes
        try flush()
    }

    func flush() throws(SystemError) {
        while !outgoing.isEmpty {
            let count = Glibc.send(handle.raw, outgoing, outgoing.count, Int32(MSG_NOSIGNAL))
            let error = SystemError("send")
            guard count >= 0 else {
                // ENOTCONN, EAGAIN: the connection is still being made, or the other side is slow.
                if [EAGAIN, ENOTCONN, EINPROGRESS].contains(error.code) { return }
                if error.code == EINTR { continue }
                throw error
            }
            outgoing.removeFirst(count)
        }
    }

    /// What has come, up to 64 KiB: empty when there is nothing now, nil at the end.
    func receive() throws(SystemError) -> ArraySlice<UInt8>? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(handle.raw, &buffer, buffer.count, 0)
        let error = SystemError("recv")
        if count > 0 { return buffer[..<count] }
        if count == 0 { return nil }
        if [EAGAIN, ENOTCONN, EINTR].contains(error.code) { return [] }
        throw error
    }
}

/// A socket address in the kernel's form.
struct SocketAddress {
    private let storage: [UInt8]
    let family: Int32

    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isFilled = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard isFilled else { return nil }
        family = AF_UNIX
        storage = withUnsafeBytes(of: address) { Array($0) }
    }

    /// Nil when `host` is not numeric.
    init?(host: String, port: UInt16) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            family = AF_INET
            storage = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            family = AF_INET6
            storage = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    /// `connect(2)`: 0, or -1 with `errno` set.
    func connect(_ socket: Int32) -> Int32 {
        storage.withUnsafeBytes { bytes in
            guard let start = bytes.bindMemory(to: sockaddr.self).baseAddress else { return -1 }
            return Glibc.connect(socket, start, socklen_t(bytes.count))
        }
    }
}
