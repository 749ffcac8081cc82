internal import ArgumentParser
internal import ControlAPI
internal import Core

struct StatusCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What the agent does, and what is wrong.",
        discussion: """
            Says since when the agent runs, where it learns of plugs from, how many phones have which status, how many \
            callbacks wait, which configuration is in force, and what is wrong now, with the mend.

            EXAMPLES
              plughook status
              plughook status --json | jq .problems

            Exits with 0 whenever an agent answers; with 69 when none runs here, 77 without permission.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["status"]))
        let view = try answer.decoded(as: StatusView.self)
        try StandardOutput.write(json.isWanted ? answer.text : text(of: view))
    }

    private func text(of view: StatusView) -> String {
        var facts = FactList()
        facts.add("agent", "\(view.version) on \(view.host), \(view.phase), process \(view.pid)")
        facts.add("since", view.startedAt)
        facts.add("phones", phones(view.devices))
        facts.add("callbacks", "\(view.waiting) waiting, \(view.inFlight) under way")
        facts.add("hot-plug", view.hotplugSource)
        for sensor in view.sensors { facts.add(sensor.platform, words(for: sensor)) }
        for server in view.appium { facts.add("appium", words(for: server)) }
        facts.add("configuration", view.configurationFile)
        if let reload = view.lastReload {
            facts.add("last reload", "\(reload.at), \(reload.isInForce ? "in force" : "refused: the old one stays")")
        }
        facts.add("problems", view.problems.isEmpty ? "none" : "\(view.problems.count)")
        let faults = view.lastReload?.lines(file: view.configurationFile) ?? []
        return ([facts.text] + (faults + view.problems.map(\.printable)).map { "  \($0)" }).joined(separator: "\n")
    }

    private func words(for sensor: SensorView) -> String {
        guard sensor.isInForce else { return "ready when present: no sensor is asked, or none was ever there" }
        let name = sensor.platform == "android" ? "adb" : "usbmuxd"
        return "ready when \(name) says so" + (sensor.isAnswering ? "" : "; it is away: \(sensor.problem ?? "no word")")
    }

    private func words(for server: AppiumServerView) -> String {
        let answer = server.problem.map { "it does not tell its sessions: \($0)" }
        return "\(server.url): \(answer ?? (server.sessions == 1 ? "1 session" : "\(server.sessions) sessions"))"
    }

    /// The four in their own order, then whatever else the agent counts.
    private func phones(_ counts: [String: Int]) -> String {
        let words = Status.allCases.map(\.rawValue)
        let others = counts.keys.filter { !words.contains($0) }.sorted()
        let parts = (words + others).compactMap { word in
            counts[word].flatMap { $0 > 0 ? "\($0) \(word)" : nil }
        }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
