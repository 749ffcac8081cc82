internal import GRDB
internal import Glibc
package import Linux

/// Why the state could not be opened, read or written. Nothing of what was tried was stored.
///
/// `path` is the file or directory that is meant; `detail` are SQLite's own words, never the data.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// Another process holds the state directory; `pid` when it has left its number there.
    case inUse(directory: String, pid: Int32?)
    /// The state directory cannot be made, entered or locked.
    case directory(path: String, cause: SystemError)
    /// The file is something else, or another program's database. It was not touched.
    case notOurs(path: String)
    /// A newer Plughook has written it. It was not touched.
    case newerSchema(path: String)
    /// Pages do not fit together. When this comes from opening, the file was not touched.
    case corrupt(path: String, detail: String)
    /// The disk, a quota or the file's own limit is reached. The same `Changes` may be committed later.
    case full(path: String, detail: String)
    /// The kernel refused to read or write. The same `Changes` may be committed later.
    case io(path: String, detail: String)
    /// Another process keeps the database locked. The same `Changes` may be committed later.
    case locked(path: String, detail: String)
    /// Whoever asked gave up while it was read: its task was cancelled. Nothing is wrong.
    case interrupted(path: String)
    /// What was to be stored contradicts what is stored: a fault of the program. Trying again does not help.
    case inconsistent(path: String, detail: String)

    /// What was tried, on what, and what to do.
    package var description: String {
        switch self {
        case .inUse(let directory, let pid):
            "another agent\(pid.map { " (process \($0))" } ?? "") uses the state directory \(directory): "
                + "stop it, or give this one a stateDirectory of its own"
        case .directory(let path, let cause):
            "cannot use the state directory \(path) (\(cause)): "
                + "make it, writable for the agent's user, or set another stateDirectory"
        case .notOurs(let path):
            "\(path) is not a database of Plughook; it was left as it is: start with --move-state-aside to begin with an empty state"
        case .newerSchema(let path):
            "\(path) was written by a newer Plughook; it was left as it is: "
                + "run that version, or start with --move-state-aside to begin with an empty state"
        case .corrupt(let path, let detail):
            "\(path) is damaged (\(detail)): restore it from a copy, or start with --move-state-aside to begin with an empty state"
        case .full(let path, let detail):
            "no room to write \(path) (\(detail)); nothing was stored: free space on its disk"
        case .io(let path, let detail):
            "cannot read or write \(path) (\(detail)); nothing was stored: "
                + "check the disk, and that the agent's user owns the file"
        case .locked(let path, let detail):
            "\(path) is locked by another process (\(detail)); nothing was stored: end what else writes to it"
        case .interrupted(let path):
            "the reading of \(path) was given up: ask again"
        case .inconsistent(let path, let detail):
            "what was to be written to \(path) contradicts what is there (\(detail)); nothing was stored: "
                + "please report this fault"
        }
    }

    /// For the process that ends with this error, from `sysexits.h`.
    package var exitCode: Int32 {
        switch self {
        case .inUse, .locked, .interrupted: EX_TEMPFAIL
        case .directory: EX_CANTCREAT
        case .notOurs, .newerSchema, .corrupt: EX_DATAERR
        case .full, .io: EX_IOERR
        case .inconsistent: EX_SOFTWARE
        }
    }
}

extension StoreError {
    /// Sorts what GRDB and SQLite have thrown while they worked on the file at `path`.
    init(_ error: any Error, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        if error is CancellationError {
            self = .interrupted(path: path)
            return
        }
        guard let error = error as? DatabaseError else {
            // A row that does not decode as its table demands.
            self = .corrupt(path: path, detail: "a row cannot be read")
            return
        }
        let detail = "\(error.message ?? "no message"), SQLite code \(error.extendedResultCode.rawValue)"
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .full(path: path, detail: detail)
            case .SQLITE_CORRUPT: .corrupt(path: path, detail: detail)
            case .SQLITE_NOTADB: .notOurs(path: path)
            case .SQLITE_INTERRUPT: .interrupted(path: path)
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked(path: path, detail: detail)
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: .inconsistent(path: path, detail: detail)
            default: .io(path: path, detail: detail)
            }
    }
}
