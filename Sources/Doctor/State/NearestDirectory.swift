internal import Glibc

/// What is there of a path that need not be there, and what may be done in it.
enum NearestDirectory {
    /// The path itself or the nearest above it that is there; not always a directory.
    static func above(_ path: String) -> String {
        var path = Substring(path)
        while !path.isEmpty {
            if access(String(path), F_OK) == 0 { return String(path) }
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return "/"
    }

    /// Why this process may not make files in a directory; nil when it may.
    static func refusal(_ directory: String) -> Int32? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return errno }
        guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
        return faccessat(AT_FDCWD, directory, W_OK | X_OK, Int32(AT_EACCESS)) == 0 ? nil : errno
    }
}
