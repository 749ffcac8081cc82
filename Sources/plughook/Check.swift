internal import ArgumentParser
internal import PlughookConfiguration
internal import Glibc

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validates a configuration file and says every fault.",
        discussion: """
            Exits with 0 when the agent would take the file, with 78 (EX_CONFIG) when not. Each fault is one line on \
            standard error: file, line, column, where in the document, what is wrong, and what would be right.

            EXAMPLES
              plughook check
              plughook check --config new.json && mv new.json /etc/plughook/config.json
            """)

    @OptionGroup var file: ConfigurationPath

    func run() throws {
        let configuration = try loadOrExit(file.path)
        let webhooks = counted(configuration.webhooks.count, "webhook")
        let devices = counted(configuration.devices.count, "listed device")
        print("\(file.path): good, \(webhooks), \(devices)")
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

/// The configuration, or its faults on standard error and the end of the program with 78 (EX_CONFIG).
func loadOrExit(_ path: String) throws -> Configuration {
    do {
        return try ConfigurationFile.load(path: path)
    } catch {
        complain(error.description)
        throw ExitCode(EX_CONFIG)
    }
}

/// Says something on standard error.
func complain(_ text: String) {
    let line = Array("plughook: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
