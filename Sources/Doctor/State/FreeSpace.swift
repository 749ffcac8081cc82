internal import Glibc
internal import Linux

/// Whether the disk has room for events and callbacks.
struct FreeSpace: Hashable {
    /// A commit that finds no room stops the agent from taking events: well above what one needs.
    static let least = 64 << 20
    /// The history of a large host for weeks.
    static let comfortable = 512 << 20

    struct Room: Hashable {
        var bytes: Int
        /// False when there is no room for another file's name, however many bytes are free.
        var hasFiles: Bool
    }

    var path: String
    /// For users that are not root, as the service's is not.
    var room: Result<Room, SystemError>

    var diagnosis: Diagnosis {
        switch room {
        case .failure(let error): return .skipped(.stateSpace, "the free space of \(path) is not known (\(error))")
        case .success(let room):
            let found = "\(room.bytes.bytesText) are free for \(path)"
            let mend = "df -h \(path.shellWord) shows what is full; make room, or name another \"stateDirectory\""
            if room.bytes < Self.least {
                return .problem(.stateSpace, found + ": too little for the database", mend: mend)
            }
            if !room.hasFiles {
                return .problem(
                    .stateSpace, found + ", but not one file more", mend: "df -i \(path.shellWord); delete files")
            }
            if room.bytes < Self.comfortable { return .warning(.stateSpace, found + ": not for long", mend: mend) }
            return .ok(.stateSpace, found)
        }
    }
}

extension FreeSpace {
    init(path: String) {
        self.path = path
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            room = .failure(SystemError("statvfs"))
            return
        }
        let (bytes, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        // File systems that make inodes as they are needed say that they have none at all.
        room = .success(
            Room(bytes: isHuge ? .max : Int(clamping: bytes), hasFiles: status.f_files == 0 || status.f_favail > 0))
    }
}
