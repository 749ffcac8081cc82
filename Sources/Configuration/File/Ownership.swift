internal import Core
import Glibc

/// To whom a file belongs and what they may do: "owned by root:root, mode 0644".
struct Ownership: Hashable, CustomStringConvertible {
    let user: uid_t
    let group: gid_t
    /// Without the file's type.
    let mode: mode_t

    init(user: uid_t, group: gid_t, mode: mode_t) {
        self.user = user
        self.group = group
        self.mode = mode
    }

    init(_ status: stat) { self.init(user: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777) }

    var description: String {
        let octal = String(mode, radix: 8)
        let digits = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
        return "owned by \(userName):\(groupName), mode \(digits)"
    }

    /// Whether one file's access rights can stand for the other's although the owner cannot be given to it.
    ///
    /// The owner matters unless it is root, who reads everything; the group matters unless it may no more than everybody.
    func isKept(by other: Ownership) -> Bool {
        let isGroupImmaterial = mode >> 3 & 7 == mode & 7
        return (user == other.user || user == 0) && (group == other.group || isGroupImmaterial)
    }

    private var userName: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer: [CChar] = Array(repeating: 0, count: Self.nameCapacity)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(user, &entry, start, buffer.count, &found) == 0, let name = found?.pointee.pw_name
            else { return String(user) }
            return String(cString: name).printable
        }
    }

    private var groupName: String {
        var entry = GroupEntry()
        var found: UnsafeMutablePointer<GroupEntry>?
        var buffer: [CChar] = Array(repeating: 0, count: Self.nameCapacity)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                getgrgid_r(group, &entry, start, buffer.count, &found) == 0, let name = found?.pointee.gr_name
            else { return String(group) }
            return String(cString: name).printable
        }
    }

    /// A group of a directory service may have many members; one with more is told by its number.
    private static let nameCapacity = 64 << 10
}

private typealias GroupEntry = group
