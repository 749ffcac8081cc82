internal import ArgumentParser
internal import ControlAPI

struct WebhooksSuspendCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Holds a webhook: callbacks are made, and wait.",
        discussion: """
            For a receiver that is to be left in peace for a time: nothing is lost, and `plughook webhooks resume` sends all of it, in order.

            EXAMPLES
              plughook webhooks suspend ci
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    func run(with client: ControlClient) throws {
        let path = try named.webhook.webhook(by: client).path
        let answer = try client.answer(to: ControlRequest(.post, path + ["suspend"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let webhook = try answer.decoded(as: WebhookView.self)
        try StandardOutput.write("\(webhook.title) is suspended: its callbacks are made, and wait")
    }
}
