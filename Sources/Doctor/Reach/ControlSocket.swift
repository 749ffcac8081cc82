internal import Glibc
internal import Linux

/// Whether commands and programs reach an agent, or an agent could let itself be reached.
struct ControlSocket: Hashable {
    enum Sight: Hashable {
        case answered
        /// No agent; `code` is why `directory` would not let this user make the socket, nil when it would.
        case absent(directory: String, code: Int32?)
        case forbidden
        case notASocket
        case failed(String)
    }

    static let limit = Duration.seconds(1)

    var path: String
    var sight: Sight

    var diagnosis: Diagnosis {
        switch sight {
        case .answered: .ok(.controlSocket, "\(path): an agent accepts connections")
        case .absent(_, nil): .skipped(.controlSocket, "\(path): no agent runs; its socket can be made there")
        case .absent(let directory, let code?):
            .warning(
                .controlSocket,
                "\(path): no agent runs, and this user may not make it in \(directory) "
                    + "(\(String(cString: strerror(code))))",
                mend: "in a unit: RuntimeDirectory=plughook; or another control.socket")
        case .forbidden:
            .warning(
                .controlSocket, "\(path): this user may not connect",
                mend: "the socket is to be 0666, its directory 0755: ls -ld \(path.shellWord) shows what is not")
        case .notASocket:
            .problem(
                .controlSocket, "\(path): something that is no socket is in the way",
                mend: "move it away, or name another control.socket")
        case .failed(let why):
            .warning(.controlSocket, "\(path): cannot be reached (\(why))", mend: "correct control.socket")
        }
    }
}

extension ControlSocket {
    init(path: String) {
        self.path = path
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK {
            sight = .notASocket
            return
        }
        do throws(SystemError) {
            _ = try Connection(unixSocket: path, within: Self.limit)
            sight = .answered
        } catch {
            sight =
                switch error.code {
                case ENOENT, ENOTDIR, ECONNREFUSED: Self.absent(path)
                case EACCES, EPERM: .forbidden
                default: .failed(error.description)
                }
        }
    }

    /// An agent makes the last directory of the path itself, and none above it.
    private static func absent(_ path: String) -> Sight {
        let directory = path.withoutLastComponent
        let nearest = NearestDirectory.above(directory)
        let canReach = nearest == directory || nearest == directory.withoutLastComponent
        return .absent(directory: nearest, code: canReach ? NearestDirectory.refusal(nearest) : ENOENT)
    }
}

extension String {
    /// Of an absolute path; `/` for what is directly below it.
    fileprivate var withoutLastComponent: String {
        let path = self[..<(lastIndex(of: "/") ?? startIndex)]
        return path.isEmpty ? "/" : String(path)
    }
}
