internal import Glibc

/// A connected stream socket of the Unix domain; what it does blocks.
struct UnixStream: ~Copyable {
    private let descriptor: CInt

    /// Connects. `patienceSeconds` is the longest that any one call waits.
    init(path: String, patienceSeconds: Int) throws(UnixStreamError) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UnixStreamError(errno: errno) }
        let error = Self.connect(descriptor, to: path, patienceSeconds: patienceSeconds)
        guard error == 0 else {
            close(descriptor)
            throw UnixStreamError(errno: error)
        }
        self.descriptor = descriptor
    }

    /// 0, or what went wrong.
    private static func connect(_ descriptor: CInt, to path: String, patienceSeconds: Int) -> CInt {
        var limit = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            guard setsockopt(descriptor, SOL_SOCKET, option, &limit, size) == 0 else { return errno }
        }
        guard var address = sockaddr_un(path: path) else { return ENAMETOOLONG }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? 0 : errno
    }

    deinit { close(descriptor) }

    func send(_ bytes: some Sequence<UInt8>) throws(UnixStreamError) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UnixStreamError(errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// What has come, at least one byte; empty at the end.
    func receive() throws(UnixStreamError) -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, initialized in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                initialized = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UnixStreamError(errno: errno) }
            return bytes
        }
    }
}

struct UnixStreamError: Error {
    let errno: CInt

    /// The time of the call was up.
    var isTimeout: Bool { errno == EAGAIN || errno == EINPROGRESS }
    /// Nobody accepts there, or nothing is there.
    var isAbsence: Bool { errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR }
}

extension sockaddr_un {
    /// Nil when the path is longer than an address holds, with the NUL at its end.
    fileprivate init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: sun_path) else { return nil }
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }
}
