internal import Glibc

/// Who opened the other end of a Unix socket, as it was when it connected (`unix(7)`).
package struct PeerCredentials: Hashable, Sendable {
    package var pid: Int32
    package var uid: UInt32
    package var gid: UInt32
    /// The supplementary groups; most systems leave `gid` out of them.
    package var groups: [UInt32]

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32]) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// Reads them from a connected socket that stays open during the call.
    package init(socket: Int32) throws(SystemError) {
        // `struct ucred`, which Glibc shows with _GNU_SOURCE only: pid_t, uid_t, gid_t.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
            throw SystemError("getsockopt SO_PEERCRED")
        }
        self.init(
            pid: Int32(bitPattern: credentials[0]), uid: credentials[1], gid: credentials[2],
            groups: try Self.groups(socket: socket))
    }

    /// The kernel says with ERANGE how much room it wants; who connected has a fixed list, so the second call fits.
    private static func groups(socket: Int32) throws(SystemError) -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: 32)
        while true {
            var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            let result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
            let error = SystemError("getsockopt SO_PEERGROUPS")
            let count = Int(length) / MemoryLayout<UInt32>.size
            if result == 0 { return Array(groups.prefix(count)) }
            guard error.code == ERANGE, count > groups.count else { throw error }
            groups = [UInt32](repeating: 0, count: count)
        }
    }
}
