internal import ArgumentParser
internal import ControlAPI

struct WebhooksEditCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Changes a webhook; what is not named stays as it is.",
        discussion: """
            --events replaces all events, and a secret replaces all secrets: `plughook webhooks secret rotate` keeps the old \
            one for a while. When somebody else changes the webhook at the same moment nothing is written, \
            and the exit code is 75: look, and try again.

            EXAMPLES
              plughook webhooks edit ci --url https://ci.example.com/v2/phones
              plughook webhooks edit 129 --name "CI, lab 2" --events online,offline
              plughook webhooks edit ci --disabled
              plughook webhooks edit ci --device-label team=payments --platform android
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    @Option(help: "Its new name, 1 to 50 characters, the only one of that spelling.")
    var name: String?

    @Option(help: "Where the callbacks go from now on: http or https, at most 512 characters.")
    var url: String?

    @OptionGroup var fields: WebhookFields

    private var body: WebhookBody {
        WebhookBody(name: name, url: url, fields: fields)
    }

    func validate() throws {
        guard !body.isEmpty else { throw ValidationError("nothing is to be changed; give one of the options") }
    }

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        var request = try ControlRequest.json(.patch, webhook.path, body, as: "application/merge-patch+json")
        request.headers.append(("If-Match", webhook.quotedTag))
        let answer = try client.answer(to: request)
        if json.isWanted { return try StandardOutput.write(answer.text) }
        try StandardOutput.write(answer.decoded(as: WebhookView.self).text)
    }
}
