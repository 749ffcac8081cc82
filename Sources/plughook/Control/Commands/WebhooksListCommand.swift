internal import ArgumentParser
internal import ControlAPI

struct WebhooksListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the webhooks, and how many callbacks wait for each.",
        discussion: """
            Without the right to change webhooks only scheme and host of a URL are shown: its path may be a secret.

            EXAMPLES
              plughook webhooks list
              plughook webhooks list --json | jq '.webhooks[] | select(.waiting > 0).name'
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["webhooks"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let webhooks = try answer.decoded(as: WebhookList.self).webhooks
        guard !webhooks.isEmpty else {
            return complain("there is no webhook yet: see `plughook webhooks create --help`")
        }
        var table = Table(["ID", "NAME", "STATE", "EVENTS", "WAITING", "UNDER WAY", "URL"])
        let rows = webhooks.map { webhook in
            [
                String(webhook.id), webhook.name, webhook.state, webhook.events.joined(separator: ","),
                String(webhook.waiting), String(webhook.inFlight), webhook.url,
            ]
        }
        try StandardOutput.write(table.text(rows))
    }
}
