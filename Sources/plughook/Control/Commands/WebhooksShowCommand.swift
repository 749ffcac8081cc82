internal import ArgumentParser
internal import ControlAPI

struct WebhooksShowCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one webhook.",
        discussion: """
            EXAMPLES
              plughook webhooks show ci
              plughook webhooks show 129 --json
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        let answer = try client.answer(to: ControlRequest(.get, webhook.path))
        try StandardOutput.write(json.isWanted ? answer.text : answer.decoded(as: WebhookView.self).text)
    }
}
