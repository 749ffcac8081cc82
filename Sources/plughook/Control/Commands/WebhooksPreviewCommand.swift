internal import ArgumentParser
internal import ControlAPI
internal import Core

struct WebhooksPreviewCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Prints what a webhook would be sent.",
        discussion: """
            The body goes to standard output, byte for byte; the headers of its form go to standard error. Nothing is sent. \
            Without a phone, one is made up.

            EXAMPLES
              plughook webhooks preview ci
              plughook webhooks preview ci --event online --device R58M123ABCD | jq .

            Exits with 66 when there is no such webhook or phone.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    @Option(help: ArgumentHelp("The change: online, offline, utilizing or unplugged.", valueName: "status"))
    var event: Status = .offline

    @Option(help: ArgumentHelp("The phone.", valueName: "udid"), completion: .devices)
    var device: String?

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        if let device { try client.requireDevice(device) }
        let answer = try client.answer(
            to: ControlRequest(
                .get, webhook.path + ["preview"], query: [("event", event.rawValue), ("device", device)]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let preview = try answer.decoded(as: PreviewView.self)
        for header in preview.headers { complain(header.printable) }
        try StandardOutput.write(preview.body)
    }
}
