import Glibc

/// The directory of a configuration file that is being edited, locked against other plughook processes until it goes.
struct EditedDirectory: ~Copyable {
    /// One name for all: under the lock there is one such file, or what a killed process has left.
    static let newName = ".plughook-edit.new"

    private let descriptor: Int32
    private let path: String
    private let name: String
    private let file: String

    /// Takes the lock; `file` is a path from the root without symbolic links.
    init(of file: String) throws(ConfigurationEditError) {
        let slash = file.lastIndex(of: "/") ?? file.startIndex
        let path = slash == file.startIndex ? "/" : String(file[..<slash])
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw ConfigurationEditError(errno, "opening the directory", at: path) }
        do throws(ConfigurationEditError) {
            try Self.lock(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        self.file = file
        name = String(file[slash...].dropFirst())
    }

    /// Gives the lock back, too.
    deinit { close(descriptor) }

    /// The owner and mode of the file as it is now, when it has these bytes and may be written.
    func ownership(ifStill expected: [UInt8]) throws(ConfigurationEditError) -> Ownership {
        let bytes: [UInt8]
        let ownership: Ownership
        do throws(Objection) {
            let opened = try ReadableFile(path: file)
            bytes = try opened.read(atMost: JSONParser.sizeLimit)
            ownership = opened.ownership
        } catch {
            throw .unreadable(path: file, problem: error.problem, advice: error.advice)
        }
        guard bytes == expected else { throw .changedMeanwhile(path: file) }
        if faccessat(descriptor, name, W_OK, AT_EACCESS) != 0 {
            throw ConfigurationEditError(errno, "writing", at: file)
        }
        return ownership
    }

    /// Writes the new file beside the old, down to the disk.
    func writeNewFile(_ bytes: [UInt8], ownership: Ownership) throws(ConfigurationEditError) {
        if unlinkat(descriptor, Self.newName, 0) != 0, errno != ENOENT {
            throw ConfigurationEditError(errno, "removing \(Self.newName)", at: path)
        }
        let new = openat(
            descriptor, Self.newName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        if new < 0 { throw ConfigurationEditError(errno, "creating \(Self.newName)", at: path) }
        defer { close(new) }
        do throws(ConfigurationEditError) {
            try give(new, to: ownership)
            try write(bytes, to: new)
            if fsync(new) != 0 { throw ConfigurationEditError(errno, "writing to the disk", at: path) }
        } catch {
            removeNewFile()
            throw error
        }
    }

    func putNewFileInPlace() throws(ConfigurationEditError) {
        if renameat(descriptor, Self.newName, descriptor, name) != 0 {
            throw ConfigurationEditError(errno, "putting the new file in its place", at: path)
        }
    }

    func removeNewFile() { unlinkat(descriptor, Self.newName, 0) }

    /// Brings the rename to the disk.
    func flush() throws(ConfigurationEditError) {
        guard fsync(descriptor) != 0 else { return }
        let error = String(cString: strerror(errno))
        throw .io(
            path: file, problem: "the change is made, but the disk has not confirmed it (\(error))",
            advice: "check the disk")
    }

    /// A change of owner takes the set-id bits away, hence the mode comes second.
    private func give(_ new: Int32, to ownership: Ownership) throws(ConfigurationEditError) {
        if fchown(new, ownership.user, ownership.group) != 0 { _ = fchown(new, uid_t.max, ownership.group) }
        var status = stat()
        guard fchmod(new, ownership.mode) == 0, fstat(new, &status) == 0 else {
            throw ConfigurationEditError(errno, "setting the mode", at: path)
        }
        guard ownership.isKept(by: Ownership(status)) else {
            throw .notWritable(path: file, problem: "it is \(ownership), which this user cannot give to a new file")
        }
    }

    private func write(_ bytes: [UInt8], to new: Int32) throws(ConfigurationEditError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(new, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw ConfigurationEditError(errno, "writing", at: path)
            }
        }
    }

    /// An edit holds the lock for some milliseconds; thirty seconds bear a hundred of them on a slow disk.
    ///
    /// Everybody who may read the directory may take the lock and keep it; hence no wait without an end.
    private static func lock(_ descriptor: Int32, _ path: String) throws(ConfigurationEditError) {
        for _ in 0..<3000 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw ConfigurationEditError(errno, "locking the directory", at: path)
            }
            // flock knows no wait with an end, and nothing tells when a lock is free: it is tried again. The thread is
            // the keeper's own, or a command's, which has nothing else to do.
            usleep(10_000)
        }
        throw .io(
            path: path, problem: "another process has locked the directory for thirty seconds",
            advice: "see which with lslocks, and try again")
    }
}
