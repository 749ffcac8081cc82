import Glibc

/// A regular file that is open for reading; closed when it goes out of scope.
struct ReadableFile: ~Copyable {
    private let descriptor: Int32
    private let status: stat
    private let path: String

    init(path: String) throws(Objection) {
        guard !path.isEmpty else { throw Objection("the file's name is empty", "name the configuration file") }
        // Without O_NONBLOCK a named pipe would wait for its writer for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if descriptor < 0 { throw Self.objection(to: errno) }
        var status = stat()
        if fstat(descriptor, &status) != 0 {
            let error = errno
            close(descriptor)
            throw Self.objection(to: error)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw status.st_mode & S_IFMT == S_IFDIR
                ? Objection("is a directory", "name the file in it, like config.json")
                : Objection("is not a regular file", "name a file with the configuration in it")
        }
        self.descriptor = descriptor
        self.status = status
        self.path = path
    }

    deinit { close(descriptor) }

    /// Whether there is something of that name, readable or not.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    var ownership: Ownership { Ownership(status) }

    /// All bytes; the file may grow while it is read.
    func read(atMost limit: Int) throws(Objection) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk: [UInt8] = Array(repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno != EINTR {
                throw Self.objection(to: errno)
            }
        }
        throw limit < 1 << 20
            ? Objection("is larger than \(limit >> 10) KiB", "check that it is the file that is meant")
            : Objection("is larger than \(limit >> 20) MiB", "check that it is the configuration file")
    }

    /// Who could write here decides where callbacks go: that must not be everybody.
    ///
    /// In a directory with the sticky bit, like `/tmp`, others cannot put a file in the place of this one.
    var accessObjections: [Objection] {
        var objections: [Objection] = []
        let shown = Quotation.escaped(path, limit: 4096)
        if status.st_mode & S_IWOTH != 0 {
            objections.append(Objection("everybody may write to the file", "run: chmod o-w \(shown)"))
        }
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var above = stat()
        if stat(directory, &above) == 0, above.st_mode & S_IWOTH != 0, above.st_mode & S_ISVTX == 0 {
            objections.append(
                Objection(
                    "everybody may put another file in its place",
                    "run: chmod o-w \(Quotation.escaped(directory, limit: 4096))"))
        }
        return objections
    }

    /// A secret is for its owner, and for a group that reads it.
    var secrecyObjection: Objection? {
        guard status.st_mode & (S_IRWXO | S_IWGRP) != 0 else { return nil }
        let shown = Quotation.escaped(path, limit: 4096)
        return Objection("others may read or write the secret in \(shown)", "run: chmod 640 \(shown)")
    }

    static func objection(to error: Int32) -> Objection {
        switch error {
        case ENOENT, ENOTDIR: Objection("there is no such file", "create it, with {} in it at least, or name another")
        case EACCES, EPERM:
            Objection("may not be read by this user", "give the user read access to it and to the directories above")
        case ELOOP: Objection("is a symbolic link that leads nowhere", "name the file itself")
        default: Objection("cannot be read (\(String(cString: strerror(error))))", "check the disk and the path")
        }
    }
}
