internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

struct ReloadCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Makes the agent read its configuration again.",
        discussion: """
            The file is in force when this returns, or the old configuration stays, whole, and every fault is a line \
            on standard error, as `plughook check` prints them. The agent also reads the file by itself when it \
            changes; this says what came of it.

            EXAMPLES
              plughook reload
              plughook check && plughook reload

            Exits with 78 when the file is refused.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.post, ["config", "reload"]))
        let view = try answer.decoded(as: ReloadView.self)
        if json.isWanted { try StandardOutput.write(answer.text) }
        guard !view.isInForce else {
            if !json.isWanted { try StandardOutput.write("the configuration is in force") }
            return
        }
        // The answer does not say which file it was.
        let status = try client.answer(to: ControlRequest(.get, ["status"])).decoded(as: StatusView.self)
        for line in view.lines(file: status.configurationFile) { complain(line) }
        complain("the configuration is not in force: the old one stays until these are mended")
        throw ExitCode(EX_CONFIG)
    }
}

extension ReloadView {
    /// Why the file is not in force, safe to print.
    func lines(file: String) -> [String] {
        (problem.map { ["\(file): \($0)".printable] } ?? []) + faults.map { $0.text(in: file) }
    }
}
