internal import Glibc
internal import Linux

/// A connection to an adb server that never waits; closed when it goes.
final class ADBSocket {
    enum Received {
        case bytes([UInt8])
        /// All that has come is taken.
        case nothing
        case end(why: String)
    }

    private let handle: OwnedDescriptor

    /// Starts to connect; the descriptor is writable when that has an outcome.
    init(to address: ADBServerAddress.Candidate) throws(SystemError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        handle = try OwnedDescriptor(socket(address.family, type, 0), from: "socket")
        watchOverFarSide()
        let raw = handle.raw
        let code = address.withSocketAddress { connect(raw, $0, $1) == 0 ? 0 : errno }
        if code != 0 && code != EINPROGRESS { throw SystemError("connect", code: code) }
    }

    var descriptor: Int32 { handle.raw }

    /// False until `finishConnecting` has returned.
    private(set) var isConnected = false

    /// To be called when it is writable: throws when there is no connection after all.
    func finishConnecting() throws(SystemError) {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { throw SystemError("getsockopt") }
        if code != 0 { throw SystemError("connect", code: code) }
        isConnected = true
    }

    /// Sends all of it. A request is so short, and the only one under way, that a connection always has room for it.
    func send(_ bytes: [UInt8]) throws(SystemError) {
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count >= 0 else { throw SystemError("send") }
        if count != bytes.count { throw SystemError("send", code: EAGAIN) }
    }

    /// What one read gives.
    func receive() -> Received {
        var count = 0
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, filled in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            code = errno
            filled = max(count, 0)
        }
        if count > 0 { return .bytes(bytes) }
        if count == 0 { return .end(why: "it ended the connection") }
        return code == EAGAIN || code == EINTR ? .nothing : .end(why: SystemError("recv", code: code).description)
    }

    /// Has the kernel end a connection whose other host is gone without a word: a list may be silent for days.
    private func watchOverFarSide() {
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
