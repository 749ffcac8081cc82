internal import ArgumentParser
internal import ControlAPI
internal import Core

struct AuditCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who changed what, and when.",
        discussion: """
            The newest is last. Each change has what was before and what was after it on lines of their own; secrets are \
            left out.

            EXAMPLES
              plughook audit --limit 5
              plughook audit --json | jq '.entries[] | select(.action == "webhook.delete")'
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var limit: Limit

    @Option(help: ArgumentHelp("Only what was before this position: the page before.", valueName: "position"))
    var before: Int64?

    func run(with client: ControlClient) throws {
        let request = ControlRequest(
            .get, ["audit"], query: [("before", before.map { String($0) }), ("limit", String(limit.count))])
        let answer = try client.answer(to: request)
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let page = try answer.decoded(as: AuditPage.self)
        guard !page.entries.isEmpty else { return complain("nothing was changed yet") }
        let entries = page.entries.sorted { $0.position < $1.position }
        var table = Table(["AT", "WHO", "WHAT", "OF"])
        let lines = table.text(entries.map { [$0.at, $0.actor, $0.action, $0.subject] })
            .split(separator: "\n").map(String.init)
        var text = [lines[0]]
        for (line, entry) in zip(lines.dropFirst(), entries) {
            text.append(line)
            if !entry.before.isEmpty { text.append("  before  \(entry.before.printable)") }
            if !entry.after.isEmpty { text.append("  after   \(entry.after.printable)") }
        }
        try StandardOutput.write(text.joined(separator: "\n"))
        if let next = page.next { complain("there are older ones: --before \(next)") }
    }
}
