internal import ArgumentParser
internal import ControlAPI
internal import Core

struct WebhooksMatchCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Shows which phones and changes a webhook hears of.",
        discussion: """
            Of the phones that are known now; public ones are never told of.

            EXAMPLES
              plughook webhooks match ci
              plughook webhooks match ci --json | jq -r '.devices[].udid'
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        let answer = try client.answer(to: ControlRequest(.get, webhook.path + ["match"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let match = try answer.decoded(as: MatchView.self)
        if !match.devices.isEmpty {
            var table = Table(["UDID", "NAME", "STATUS"])
            try StandardOutput.write(table.text(match.devices.map { [$0.udid, $0.name, $0.status] }))
        }
        let events = match.events.isEmpty ? "no change, for it is disabled" : match.events.joined(separator: ", ")
        complain(
            "\(webhook.title) hears of \(events) of \(match.devices.count) phones, and not of \(match.others) others")
    }
}
