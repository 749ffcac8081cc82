internal import Glibc

/// Whether this user's agent could keep its state where it is told to.
struct StateFolder: Hashable {
    enum Sight: Hashable {
        /// `code` is why it could not be made in `parent`, the nearest directory above that is there; nil when it could.
        case absent(parent: String, code: Int32?)
        case notADirectory
        /// A directory above is closed to this user.
        case hidden
        /// `code` is why this user may not write in it; nil when it may. `strangers` are files of another owner's in it.
        case directory(owner: Owner, mode: UInt32, code: Int32?, strangers: [String])
    }

    struct Owner: Hashable {
        var id: UInt32
        /// The number where the host knows no name for it.
        var name: String
    }

    var path: String
    var user: UInt32
    var sight: Sight

    var diagnosis: Diagnosis {
        switch sight {
        case .absent(_, nil): .ok(.stateDirectory, "\(path) is not there yet and can be made")
        case .absent(let parent, let code?):
            .problem(
                .stateDirectory, "\(path) is not there, and \(parent) does not let it be made (\(Self.words(code)))",
                mend: "as root: install -d -m 0700 -o USER \(path.shellWord), or another \"stateDirectory\"")
        case .notADirectory:
            .problem(
                .stateDirectory, "\(path) is no directory",
                mend: "move it away, or name another \"stateDirectory\"")
        case .hidden:
            .skipped(
                .stateDirectory, "this user may not look at \(path)", mend: "run doctor as the agent's user, or as root"
            )
        case .directory(let owner, let mode, let code, let strangers):
            judge(owner, mode, code, strangers)
        }
    }

    private func judge(_ owner: Owner, _ mode: UInt32, _ code: Int32?, _ strangers: [String]) -> Diagnosis {
        let found = "\(path) belongs to \(owner.name), mode \(String(mode, radix: 8))"
        if let code {
            guard code == EROFS || user == owner.id else {
                return .skipped(
                    .stateDirectory, found + ": no place for this user's agent, nor to be looked into by it",
                    mend: "sudo -u \(owner.name.shellWord) plughook doctor")
            }
            return .problem(
                .stateDirectory, found + ": this user may not write there (\(Self.words(code)))",
                mend: code == EROFS
                    ? "mount the file system for writing; in a unit: ReadWritePaths=\(path)"
                    : "chmod 0700 \(path.shellWord)")
        }
        guard strangers.isEmpty else {
            return .problem(
                .stateDirectory, found + ", but \(strangers.joined(separator: ", ")) in it does not",
                mend: "an agent ran as another user: chown -R \(owner.name.shellWord) \(path.shellWord)")
        }
        guard mode & 0o077 == 0 else {
            return .warning(
                .stateDirectory, found + ": others can look into it or write there",
                mend: "chmod 0700 \(path.shellWord)")
        }
        return .ok(.stateDirectory, found)
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension StateFolder {
    private static let files = ["lock", "plughook.sqlite3", "plughook.sqlite3-wal", "plughook.sqlite3-shm"]

    init(path: String) {
        self.path = path
        user = geteuid()
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            let parent = NearestDirectory.above(path)
            sight =
                switch code {
                case EACCES: .hidden
                default: .absent(parent: parent, code: NearestDirectory.refusal(parent))
                }
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            sight = .notADirectory
            return
        }
        let owner = Owner(id: status.st_uid)
        let strangers = Self.files.filter { name in
            var file = stat()
            return lstat("\(path)/\(name)", &file) == 0 && file.st_uid != owner.id
        }
        sight = .directory(
            owner: owner, mode: status.st_mode & 0o7777, code: NearestDirectory.refusal(path), strangers: strangers)
    }
}

extension StateFolder.Owner {
    init(id: UInt32) {
        self.id = id
        // Not safe from several threads; there are none when this is asked.
        name = getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? String(id)
    }
}
