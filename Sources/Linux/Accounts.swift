internal import Glibc

/// The users and groups of this host (`getgrnam_r(3)`, `getpwuid_r(3)`).
///
/// A look-up blocks: on files as a rule, and on the network where the host asks a directory service.
package enum Accounts {
    /// Nil when there is no such group.
    package static func groupID(named name: String) throws(SystemError) -> UInt32? {
        var room = [CChar](repeating: 0, count: 1024)
        while true {
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            let code = getgrnam_r(name, &entry, &room, room.count, &found)
            if code == 0 { return found == nil ? nil : entry.gr_gid }
            guard code == ERANGE, room.count < 1 << 24 else { throw SystemError("getgrnam_r", code: code) }
            room = [CChar](repeating: 0, count: room.count * 4)
        }
    }

    /// Nil when there is no such user, or nobody could say.
    package static func userName(of uid: UInt32) -> String? {
        var room = [CChar](repeating: 0, count: 1024)
        while true {
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(uid, &entry, &room, room.count, &found)
            // The name lies in `room`, so it is copied while that is alive.
            if code == 0 { return found == nil ? nil : withExtendedLifetime(room) { String(cString: entry.pw_name) } }
            guard code == ERANGE, room.count < 1 << 24 else { return nil }
            room = [CChar](repeating: 0, count: room.count * 4)
        }
    }
}
