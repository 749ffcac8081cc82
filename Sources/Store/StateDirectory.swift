internal import Core
internal import Glibc
internal import Linux

/// The state directory, made when it is missing and held by one process at a time.
///
/// The lock is the kernel's (`flock` on the file `lock`) and ends with the process, however that ends.
struct StateDirectory: ~Copyable {
    let path: String
    private let lock: OwnedDescriptor

    var database: String { path + "/plughook.sqlite3" }

    /// Makes the directory, and what is missing above it, with mode 0700; then locks it without waiting.
    init(_ path: String) throws(StoreError) {
        let lock: OwnedDescriptor
        do throws(SystemError) {
            try Self.make(path)
            lock = try OwnedDescriptor(open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600), from: "open lock")
        } catch {
            throw .directory(path: path, cause: error)
        }
        guard flock(lock.raw, LOCK_EX | LOCK_NB) == 0 else {
            let cause = SystemError("flock")
            if cause.code == EWOULDBLOCK { throw .inUse(directory: path, pid: Self.holder(lock.raw)) }
            throw .directory(path: path, cause: cause)
        }
        // For the message of the next one that tries; nothing relies on it.
        let pid = "\(getpid())\n"
        _ = ftruncate(lock.raw, 0)
        _ = pwrite(lock.raw, pid, pid.utf8.count, 0)
        self.path = path
        self.lock = lock
    }

    /// Given back, and not merely closed: a child that is just being started has the descriptor, too, until it runs its
    /// program, and the lock with it.
    deinit { flock(lock.raw, LOCK_UN) }

    /// Brings the names of new and moved files to the disk, which their own fsync does not.
    func sync() throws(StoreError) {
        do throws(SystemError) {
            let directory = try OwnedDescriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), from: "open")
            guard fsync(directory.raw) == 0 else { throw SystemError("fsync") }
        } catch {
            throw .directory(path: path, cause: error)
        }
    }

    /// Gives the database, with its log and index, a name with the time in it. Returns the new path.
    func moveDatabaseAside(at now: WallTime) throws(StoreError) -> String {
        let stem = path + "/plughook-" + Self.stamp(now)
        var target = stem + ".sqlite3"
        var count = 1
        while access(target, F_OK) == 0 {
            count += 1
            target = "\(stem)-\(count).sqlite3"
        }
        // The log first: a log without its database would be deleted by the next open.
        for suffix in ["-wal", "-shm", ""] {
            guard rename(database + suffix, target + suffix) == 0 || (errno == ENOENT && !suffix.isEmpty) else {
                throw .directory(path: path, cause: SystemError("rename \(database)\(suffix)"))
            }
        }
        try sync()
        return target
    }

    private static func make(_ path: String) throws(SystemError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + component
            if mkdir(partial, 0o700) == 0 { continue }
            let cause = SystemError("mkdir \(partial)")
            // What is there already need not be made, whatever mkdir says.
            guard access(partial, F_OK) == 0 else { throw cause }
        }
    }

    private static func holder(_ lock: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(lock, &bytes, bytes.count, 0)
        return Int32(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).prefix { $0.isNumber })
    }

    /// UTC, as ISO 8601 writes it without separators.
    private static func stamp(_ time: WallTime) -> String {
        var seconds = time_t(time.milliseconds / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &parts)
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
