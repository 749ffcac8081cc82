internal import Agent
internal import ArgumentParser
internal import Glibc
internal import Logging

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the agent in the foreground: what systemd starts.",
        discussion: """
            Ends on SIGTERM and SIGINT, after callbacks in flight are done (5 seconds at most); a second signal ends it at \
            once. Nothing is lost either way: what was not accepted is sent after the next start.

            The configuration file is read again when it changes, and on SIGHUP; one that has faults leaves the old one in \
            force, and is told in the log.

            EXAMPLES
              plughook run --config config.json
              plughook run --log-level debug --log-format json

            Exits with 78 when the configuration is wrong, 75 when another agent holds the state directory.
            """)

    @OptionGroup var file: ConfigurationPath

    @Option(help: "How facts are told on standard error: one line each, as key=value or as JSON.")
    var logFormat: LogFormat = .text

    @Option(help: "The least severe facts that are still told.")
    var logLevel: LogLevel = .info

    @Flag(
        help: """
            Gives a state file that cannot be used (damaged, written by a newer version, not ours) another name, and \
            starts with an empty state.
            """)
    var moveStateAside = false

    func run() throws {
        let configuration = try loadOrExit(file.path)
        let log = try Log(format: logFormat, level: logLevel)
        do {
            let agent = try Agent(
                configuration: configuration, configurationFile: file.path, logger: log.logger,
                environment: environment(), moveStateAside: moveStateAside)
            try agent.run()
            log.close()
        } catch {
            log.logger.critical("agent.failed", metadata: ["why": "\(error)"])
            log.close()
            throw ExitCode(error.exitCode)
        }
    }

    /// Only what the agent asks for.
    private func environment() -> [String: String] {
        let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "USBMUXD_SOCKET_ADDRESS"]
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } })
    }
}

extension LogFormat: ExpressibleByArgument {}
extension LogLevel: ExpressibleByArgument {}
