internal import Glibc

/// Whether an agent holds the state directory.
///
/// The lock is not tried: an agent that starts in the same moment would take us for another. The kernel's own list
/// tells as much.
struct StateLock: Hashable {
    enum Holder: Hashable {
        case none
        case process(Int32)
        /// The lock file or the list cannot be seen.
        case unknown(why: String)
    }

    var path: String
    var holder: Holder

    var diagnosis: Diagnosis {
        switch holder {
        case .none: .ok(.stateLock, "no agent runs with \(path)")
        case .process(let id): .ok(.stateLock, "an agent runs with \(path): process \(id)")
        case .unknown(let why): .skipped(.stateLock, "whether an agent runs with \(path) is not known: \(why)")
        }
    }
}

extension StateLock {
    init(directory: String) {
        path = directory
        var status = stat()
        guard stat(directory + "/lock", &status) == 0 else {
            holder = errno == ENOENT || errno == ENOTDIR ? .none : .unknown(why: String(cString: strerror(errno)))
            return
        }
        guard let locks = SmallFile.text("/proc/locks") else {
            holder = .unknown(why: "/proc/locks cannot be read")
            return
        }
        let noted = SmallFile.text(directory + "/lock").flatMap { Int32($0.prefix { $0.isNumber }) }
        holder = Holder(locks: locks, device: UInt64(status.st_dev), inode: UInt64(status.st_ino), noted: noted)
    }
}

extension StateLock.Holder {
    /// From the list of proc_locks(5), `1: FLOCK ADVISORY WRITE 4711 fd:00:131 0 EOF`.
    ///
    /// On btrfs and overlay the list names another device than `stat` does: there the process must be the one that is `noted`
    /// in the file. Processes of other pid namespaces are not in the list.
    init(locks: String, device: UInt64, inode: UInt64, noted: Int32?) {
        // How the kernel packs device numbers for user space (new_encode_dev).
        let major = device >> 8 & 0xfff | device >> 32 & ~0xfff
        let minor = device & 0xff | device >> 12 & ~0xff
        self = .none
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            // A line with `->` is of one that waits.
            guard fields.count >= 6, fields[1] == "FLOCK", let process = Int32(fields[4]) else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, UInt64(place[2]) == inode else { continue }
            let isSameDevice = UInt64(place[0], radix: 16) == major && UInt64(place[1], radix: 16) == minor
            if isSameDevice || process == noted { self = .process(process) }
        }
    }
}
