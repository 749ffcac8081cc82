internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

/// A command that talks to the agent.
protocol ControlCommand: ParsableCommand {
    var agent: ControlSocket { get }

    func run(with client: ControlClient) throws
}

extension ControlCommand {
    /// Ends the program with what went wrong, in words and by `sysexits.h`. When nobody reads the output any more, like
    /// `head` that has enough, it ends quietly with 0.
    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            try run(with: agent.client())
        } catch let failure as ControlFailure {
            for line in failure.lines { complain(line) }
            throw ExitCode(failure.exitCode)
        } catch let failure as OutputFailure {
            guard failure.errno != EPIPE else { throw ExitCode.success }
            complain("the output cannot be written: \(String(cString: strerror(failure.errno)))")
            throw ExitCode(EX_IOERR)
        }
    }
}

/// `--json`, in one wording.
struct JSONFlag: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the document of the control API, as it is, for programs.")
    var isWanted = false
}

/// `--limit`, as the API allows it.
struct Limit: ParsableArguments {
    @Option(name: .customLong("limit"), help: ArgumentHelp("At most so many, 1 to 1000.", valueName: "count"))
    var count = 50

    func validate() throws {
        guard (1...1000).contains(count) else {
            throw ValidationError("--limit \(count) is out of range; give 1 to 1000")
        }
    }
}

extension Status: ExpressibleByArgument {}

extension FaultView {
    /// As `plughook check` prints it.
    func text(in file: String) -> String {
        let place = pointer.isEmpty ? "" : "\(pointer): "
        return "\(file):\(line):\(column): \(place)\(problem); \(advice)".printable
    }
}
