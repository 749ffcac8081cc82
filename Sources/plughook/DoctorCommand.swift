internal import ArgumentParser
internal import Doctor

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks at this host and says what would keep the agent from working, with the mend for each.",
        discussion: """
            Needs no agent and no rights, changes nothing, and sends nothing to a receiver: a connection is made and \
            closed. What this user may not look at is skipped, and says so; run it as the agent's user to know what the \
            agent would meet: sudo -u USER plughook doctor

            EXAMPLES
              plughook doctor
              plughook doctor --config new.json
              plughook doctor --json | jq '.checks[] | select(.verdict == "problem")'

            With --json it prints one object: {"healthy": bool, "checks": [{"id", "verdict", "found", "mend"}]}. A verdict \
            is "ok", "warning", "problem" or "skipped"; all are texts and always there; an id may come several times.

            Exits with 0 when there is no problem (warnings do not count), with 78 (EX_CONFIG) when only the configuration \
            has problems, with 69 (EX_UNAVAILABLE) otherwise.
            """)

    @OptionGroup var file: ConfigurationPath

    @Flag(help: "Print JSON instead of text for people.")
    var json = false

    func run() throws {
        let report = Examination.report(configurationPath: file.path)
        print(json ? report.json : report.text(isColoured: Paint.standardOutput.isOn), terminator: "")
        if !report.isHealthy { throw ExitCode(report.exitCode) }
    }
}
