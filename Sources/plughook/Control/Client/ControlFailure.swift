internal import ControlAPI
internal import Core
internal import Glibc

/// Why the agent did not do what a command asked for.
enum ControlFailure: Error {
    /// The socket is not there, or nobody accepts on it. `note` tells why another socket may be meant.
    case notRunning(socket: String, note: String?)
    case unreachable(socket: String, errno: CInt)
    /// The connection ended before the answer did.
    case lost(request: String)
    case silent(request: String, seconds: Int)
    /// The API's own words.
    case refused(ProblemView)
    /// The answer is none of the control API.
    case notUnderstood(request: String)
    /// What the command itself finds wrong, before or after it asks.
    case command(problem: String, exitCode: CInt)

    /// For standard error, safe to print: the lines of it.
    var lines: [String] {
        switch self {
        case .notRunning(let socket, let note):
            [
                "no agent is running here (nothing listens on \(socket.printable)): start it with "
                    + "`systemctl start plughook` or `plughook run`"
            ] + (note.map { [$0.printable] } ?? [])
        case .unreachable(let socket, EACCES):
            ["may not connect to \(socket.printable): its directory is closed to this user; try as root"]
        case .unreachable(let socket, let number):
            ["cannot connect to \(socket.printable): \(String(cString: strerror(number)))"]
        case .lost(let request):
            [
                "the agent ended the connection before its answer to \(request) was complete: what came of it is not "
                    + "known; look with `plughook status`, and try again"
            ]
        case .silent(let request, let seconds):
            ["the agent has not answered \(request) for \(seconds) s: look at its log with `journalctl -u plughook`"]
        case .refused(let problem) where problem.status == 412:
            // The command has read it itself, a moment ago.
            ["somebody else changed it meanwhile, and nothing was done: look at what it is now, and try again"]
        case .refused(let problem): Self.lines(of: problem)
        case .notUnderstood(let request):
            [
                "the answer to \(request) is not understood: is the agent of another version than this command, or "
                    + "does another program listen on the socket?"
            ]
        case .command(let problem, _): [problem.printable]
        }
    }

    /// By `sysexits.h`.
    var exitCode: CInt {
        switch self {
        case .notRunning, .lost, .silent: EX_UNAVAILABLE
        case .unreachable(_, let number): number == EACCES ? EX_NOPERM : EX_UNAVAILABLE
        case .refused(let problem):
            switch problem.status {
            case 400, 413, 422: EX_DATAERR
            case 401, 403: EX_NOPERM
            case 404: EX_NOINPUT
            case 408, 409, 412, 429, 503: EX_TEMPFAIL
            default: EX_SOFTWARE
            }
        case .notUnderstood: EX_SOFTWARE
        case .command(_, let exitCode): exitCode
        }
    }

    private static func lines(of problem: ProblemView) -> [String] {
        let faults = problem.faults ?? []
        // A body has no file to name, and stands on one line.
        guard faults.isEmpty else {
            return faults.map { fault in
                let place = fault.pointer.isEmpty ? "" : "\(fault.pointer): "
                return "\(place)\(fault.problem); \(fault.advice)".printable
            }
        }
        return [(problem.detail.isEmpty ? "\(problem.title) (\(problem.status))" : problem.detail).printable]
    }
}
