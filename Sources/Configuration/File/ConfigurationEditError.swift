internal import Glibc

/// Why an edit of the configuration file was not written. Unless a case says otherwise, the file is as it was.
package enum ConfigurationEditError: Error, Hashable, CustomStringConvertible {
    /// It is not what the edit started from: somebody else has saved it. Read it and make the edit again.
    case changedMeanwhile(path: String)
    /// The file or its directory; `problem` tells why, with owner and mode.
    case notWritable(path: String, problem: String)
    /// The disk or the user's quota.
    case full(path: String)
    case unreadable(path: String, problem: String, advice: String)
    /// Anything else; where the problem says so, the new file is in place but may not survive a loss of power.
    case io(path: String, problem: String, advice: String)

    /// For a terminal, one line, safe to print, without a line break at the end.
    package var description: String {
        switch self {
        case .changedMeanwhile(let path):
            "\(shown(path)): somebody else has changed the file meanwhile; read it and make the change again"
        case .notWritable(let path, let problem):
            "\(shown(path)): may not be written by this user: \(problem); "
                + "change its owner or mode, or edit the file as a user who may"
        case .full(let path):
            "\(shown(path)): there is no space left on the disk, or in this user's quota; "
                + "free some, the file is as it was"
        case .unreadable(let path, let problem, let advice), .io(let path, let problem, let advice):
            "\(shown(path)): \(problem); \(advice)"
        }
    }

    private func shown(_ path: String) -> String { Quotation.escaped(path, limit: 4096) }
}

extension ConfigurationEditError {
    /// What a failed call on a file, or in a directory, means.
    init(_ code: Int32, _ action: String, at path: String) {
        switch code {
        case EACCES, EPERM: self = .notWritable(path: path, problem: Self.ownership(of: path))
        case EROFS: self = .notWritable(path: path, problem: "its file system is read-only")
        case ENOSPC, EDQUOT: self = .full(path: path)
        default:
            self = .io(
                path: path, problem: "\(action) failed (\(String(cString: strerror(code))))",
                advice: "check the disk and the directory")
        }
    }

    private static func ownership(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "its owner and mode cannot be told" }
        return "it is \(Ownership(status))"
    }
}
