internal import Glibc

/// Whether this user's agent could change its configuration file, which takes a new file beside it.
struct ConfigurationFolder: Hashable {
    /// Of the file itself, behind all links.
    var path: String
    /// Why this user may not write there; nil when it may.
    var code: Int32?

    var diagnosis: Diagnosis {
        switch code {
        case nil:
            .ok(.configDirectory, "\(path) can be written to: webhooks and tokens can be changed through the agent")
        case EROFS?:
            .warning(
                .configDirectory,
                "\(path) is on a read-only file system: webhooks and tokens can be changed by hand alone",
                mend:
                    "mount it for writing (in a unit: ReadWritePaths=\(path)), or keep the file elsewhere, with --config"
            )
        case let code?:
            .skipped(
                .configDirectory,
                "\(path) cannot be written to by this user (\(String(cString: strerror(code)))): its agent could not change "
                    + "webhooks and tokens", mend: "run doctor as the agent's user")
        }
    }
}

extension ConfigurationFolder {
    /// Of a configuration file that is there.
    init(ofFile file: String) {
        let real = realpath(file, nil)
        defer { free(real) }
        let target = real.map { String(cString: $0) } ?? file
        let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
        path = folder.isEmpty ? "/" : folder
        code = NearestDirectory.refusal(path)
    }
}
