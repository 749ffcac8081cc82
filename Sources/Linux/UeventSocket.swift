internal import CLinux
internal import Glibc

/// The owner of a netlink socket on which the kernel tells of all that comes and goes on this host
/// (`NETLINK_KOBJECT_UEVENT`, group 1).
///
/// What happens from the moment on that it is made is queued until it is taken. Nobody but the kernel is heard on it. For
/// one thread.
package struct UeventSocket: ~Copyable {
    package enum Received: Hashable {
        /// As the kernel has sent it.
        case message([UInt8])
        /// Not from the kernel, or longer than any message of the kernel's; there may be more.
        case refused
        /// The kernel dropped messages, and drops all new ones until the queue is empty: take everything until
        /// `nothing`, and look afresh only then.
        case overflow
        /// All is taken.
        case nothing
    }

    /// The kernel's messages have 2 KiB for their properties (`UEVENT_BUFFER_SIZE`), and a path before them.
    private static let longest = 8_192
    /// As udevd and libudev ask for; without CAP_NET_ADMIN the kernel gives `net.core.rmem_max`.
    private static let wantedBuffer: Int32 = 128 << 20

    private let socket: OwnedDescriptor
    /// What is received, one message after the other.
    private let buffer: UnsafeMutableRawBufferPointer

    package init() throws(SystemError) {
        let type = Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = try OwnedDescriptor(
            Glibc.socket(AF_NETLINK, type, NETLINK_KOBJECT_UEVENT), from: "socket AF_NETLINK")
        var wanted = Self.wantedBuffer
        let size = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(socket.raw, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, size) < 0 {
            // Capped, and never refused; what came of it is told by `receiveBuffer`.
            setsockopt(socket.raw, SOL_SOCKET, SO_RCVBUF, &wanted, size)
        }
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups = 1
        let bound = withUnsafeBytes(of: &address) {
            bind(socket.raw, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        guard bound == 0 else { throw SystemError("bind AF_NETLINK") }
        self.socket = socket
        buffer = .allocate(byteCount: Self.longest, alignment: 1)
    }

    deinit { buffer.deallocate() }

    /// Readable while there is something to receive; valid as long as the owner lives.
    package var descriptor: Int32 { socket.raw }

    /// What the kernel keeps for us, in bytes of its own accounting.
    package var receiveBuffer: Int {
        var bytes: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.raw, SOL_SOCKET, SO_RCVBUF, &bytes, &size)
        return Int(bytes)
    }

    /// Takes the next message; does not wait.
    package func receive() -> Received {
        var sender = sockaddr_nl()
        var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        var header = msghdr()
        let count = withUnsafeMutablePointer(to: &sender) { sender in
            withUnsafeMutablePointer(to: &part) { part in
                header.msg_name = UnsafeMutableRawPointer(sender)
                header.msg_namelen = socklen_t(MemoryLayout<sockaddr_nl>.size)
                header.msg_iov = part
                header.msg_iovlen = 1
                return recvmsg(socket.raw, &header, 0)
            }
        }
        if count >= 0 {
            // The kernel's own port is 0, and nobody else can have that one.
            let isWhole = sender.nl_pid == 0 && header.msg_flags & Int32(MSG_TRUNC) == 0
            return isWhole ? .message(Array(buffer.prefix(count))) : .refused
        }
        return switch errno {
        case ENOBUFS: .overflow
        case EINTR: .refused
        default: .nothing
        }
    }
}
