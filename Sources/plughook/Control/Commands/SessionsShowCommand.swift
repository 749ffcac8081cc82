internal import ArgumentParser
internal import ControlAPI

struct SessionsShowCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one session, also one that has ended.",
        discussion: """
            EXAMPLES
              plughook sessions show ses_0123456789abcdef

            Exits with 66 when there is no such session.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedSession

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, named.path))
        try StandardOutput.write(json.isWanted ? answer.text : answer.decoded(as: SessionView.self).text)
    }
}

extension SessionView {
    /// For people.
    var text: String {
        var facts = FactList()
        facts.add("session", id)
        facts.add("phone", "\(udid) (\(deviceName))")
        facts.add("owner", owner)
        facts.add("started by", startedBy)
        facts.add("kind", kind)
        facts.add("exclusive", isExclusive ? "yes" : "no")
        facts.add("lives by", livesBy)
        facts.add("since", startedAt)
        facts.add("heartbeat", heartbeatAt)
        facts.add("until", until)
        facts.add("labels", labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        facts.add("ended", endedAt.map { at in at + (endReason.map { " (\($0))" } ?? "") })
        return facts.text
    }
}

/// One session as an argument.
struct NamedSession: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The session, as `plughook sessions list` shows it.", valueName: "id"), completion: .sessions
    )
    var id: String

    /// Nothing is no session, and its path would be that of all.
    func validate() throws {
        guard !id.isEmpty else { throw ValidationError("the session's id is empty; see `plughook sessions list`") }
    }

    var path: [String] { ["sessions", id] }
}
