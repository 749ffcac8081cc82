internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

struct WebhooksTestCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Sends one callback now, marked as a test, and shows what came of it.",
        discussion: """
            It goes past all that waits, and is not tried again. Shown are the outcome, the answer's status and first \
            bytes, and when each phase was done.

            EXAMPLES
              plughook webhooks test ci

            Exits with 76 (EX_PROTOCOL) when the receiver did not accept it.
            """)

    /// An attempt may take 30 s, and the agent has to answer after it.
    private static let patienceSeconds = 60

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        var request = ControlRequest(.post, webhook.path + ["test"])
        request.patienceSeconds = Self.patienceSeconds
        let answer = try client.answer(to: request)
        let view = try answer.decoded(as: TestView.self)
        try StandardOutput.write(json.isWanted ? answer.text : text(of: view))
        if view.outcome != Outcome.accepted.rawValue { throw ExitCode(EX_PROTOCOL) }
    }

    private func text(of view: TestView) -> String {
        var facts = FactList()
        facts.add("outcome", view.outcome)
        facts.add("status", view.statusCode.map { String($0) })
        facts.add("detail", view.detail)
        facts.add("name found", view.nameLookupMs.map { "after \(milliseconds($0))" })
        facts.add("connected", view.connectMs.map { "after \(milliseconds($0))" })
        facts.add("TLS done", view.tlsMs.map { "after \(milliseconds($0))" })
        facts.add("first byte", view.firstByteMs.map { "after \(milliseconds($0))" })
        facts.add("all", "after \(milliseconds(view.totalMs))")
        facts.add("answer", view.answer)
        return facts.text
    }
}
