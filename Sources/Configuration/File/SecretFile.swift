internal import Glibc

/// A file with a new secret in it, where a webhook names it without a path: beside the configuration file.
package enum SecretFile {
    /// Readable for the agent's user and its group. False when there is one of that name already, which stays as it is.
    ///
    /// When it returns true, the file is on the disk. Blocks for as long as that takes. `path` is the configuration file's.
    package static func create(
        _ order: SecretOrder, secret: String, beside path: String
    ) throws(ConfigurationEditError) -> Bool {
        let file = SecretReference.directory(of: path) + order.name
        // A credential of that name would be read in its place.
        let read = SecretReference.path(of: order.name, beside: path) { getenv($0).map { String(cString: $0) } }
        guard read == file else { return false }
        let new = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        if new < 0 {
            if errno == EEXIST { return false }
            throw ConfigurationEditError(errno, "creating the secret's file", at: SecretReference.directory(of: path))
        }
        defer { close(new) }
        let bytes = Array((secret + "\n").utf8)
        // The umask may have taken rights away.
        guard write(new, bytes, bytes.count) == bytes.count, fchmod(new, 0o640) == 0, fsync(new) == 0 else {
            let code = errno
            unlink(file)
            throw ConfigurationEditError(code, "writing the secret's file", at: file)
        }
        let directory = open(SecretReference.directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
        return true
    }
}
