internal import ArgumentParser
internal import ControlAPI

struct SessionsListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the live sessions, and who waits for a phone.",
        discussion: """
            UNTIL is when the session ends without a further heartbeat, or whatever happens: the earlier of both.

            EXAMPLES
              plughook sessions list
              plughook sessions list --device R58M123ABCD
              plughook sessions list --json | jq -r '.sessions[].owner'
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Option(
        help: ArgumentHelp("Only what concerns this phone: its UDID or its name.", valueName: "phone"),
        completion: .devices)
    var device: String?

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["sessions"], query: [("device", device)]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let list = try answer.decoded(as: SessionList.self)
        if list.sessions.isEmpty { complain("nobody has a phone now") }
        if !list.sessions.isEmpty {
            var table = Table(["SESSION", "UDID", "NAME", "OWNER", "KIND", "SINCE", "UNTIL", "LIVES BY"])
            try StandardOutput.write(table.text(list.sessions.map(row)))
        }
        guard !list.waiting.isEmpty else { return }
        var table = Table(["WAITS", "SESSION", "FOR", "OWNER", "SINCE", "UNTIL"])
        try StandardOutput.write(
            table.text(
                list.waiting.map { [String($0.position), $0.id, $0.target, $0.owner, $0.since, $0.until] }))
    }

    private func row(_ session: SessionView) -> [String?] {
        [
            session.id, session.udid, session.deviceName, session.owner, session.kind, session.startedAt,
            session.until, session.livesBy,
        ]
    }
}

extension SessionView {
    /// The earlier deadline; both are written in one form, which sorts by time.
    var until: String? { [idleDeadline, lastDeadline].compactMap(\.self).min() }

    var livesBy: String { boundTo + (pid.map { " \($0)" } ?? "") }
}
