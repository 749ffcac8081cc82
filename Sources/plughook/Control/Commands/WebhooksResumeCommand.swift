internal import ArgumentParser
internal import ControlAPI

struct WebhooksResumeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets a held webhook go on with all that waits.",
        discussion: """
            Ends what `plughook webhooks suspend` began; what was held goes out in order.

            EXAMPLES
              plughook webhooks resume ci
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    func run(with client: ControlClient) throws {
        let path = try named.webhook.webhook(by: client).path
        let answer = try client.answer(to: ControlRequest(.post, path + ["resume"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let webhook = try answer.decoded(as: WebhookView.self)
        try StandardOutput.write("\(webhook.title) goes on")
    }
}
