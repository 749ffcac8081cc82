internal import Core
internal import Glibc
internal import Linux

/// A stream connection made to see whether somebody is there. Its time limit is one for all that is done with it.
struct Connection: ~Copyable {
    private let socket: OwnedDescriptor
    private let deadline: MonotonicTime

    /// Throws what the kernel says, `ENAMETOOLONG` for a path that no socket can have.
    init(unixSocket path: String, within limit: Duration) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw SystemError("connect", code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        try self.init(to: SocketAddress(family: AF_UNIX, bytes: bytes), within: limit)
    }

    init(to address: SocketAddress, within limit: Duration) throws(SystemError) {
        let deadline = MonotonicTime.now() + limit
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = try OwnedDescriptor(Glibc.socket(address.family, type, 0), from: "socket")
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(socket.raw, $0.baseAddress, socklen_t(bytes.count)) }
        }
        if result != 0 {
            guard errno == EINPROGRESS else { throw SystemError("connect") }
            try Self.wait(for: POLLOUT, on: socket.raw, until: deadline)
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(socket.raw, SOL_SOCKET, SO_ERROR, &code, &size)
            guard code == 0 else { throw SystemError("connect", code: code) }
        }
        self.socket = socket
        self.deadline = deadline
    }

    /// Sends all of it, and returns what comes, until there are `count` bytes or the other side has closed.
    func exchange(_ request: [UInt8], for count: Int) throws(SystemError) -> [UInt8] {
        var rest = request[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else {
                try waitAfter("send", for: POLLOUT)
            }
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: count)
        while answer.count < count {
            let received = recv(socket.raw, &chunk, count - answer.count, 0)
            if received == 0 { break }
            if received > 0 {
                answer += chunk[..<received]
            } else {
                try waitAfter("recv", for: POLLIN)
            }
        }
        return answer
    }

    /// After a call that failed: waits if it only has to be made again later.
    private func waitAfter(_ call: String, for events: Int32) throws(SystemError) {
        guard errno != EINTR else { return }
        guard errno == EAGAIN else { throw SystemError(call) }
        try Self.wait(for: events, on: socket.raw, until: deadline)
    }

    /// Throws `ETIMEDOUT` when the time is up.
    private static func wait(
        for events: Int32, on socket: Int32, until deadline: MonotonicTime
    ) throws(SystemError) {
        var waited = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let left = (deadline - .now()).wholeMilliseconds
            guard left > 0 else { throw SystemError("poll", code: ETIMEDOUT) }
            let count = poll(&waited, 1, Int32(clamping: left))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw SystemError("poll") }
        }
    }
}
