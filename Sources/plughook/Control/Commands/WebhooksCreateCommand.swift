internal import ArgumentParser
internal import ControlAPI
internal import Core

struct WebhooksCreateCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a webhook.",
        discussion: """
            It is told of every change unless --events says of which, and enabled unless --disabled says \
            otherwise: then `plughook webhooks edit --enabled` lets the callbacks begin. Try it with `plughook webhooks \
            test` afterwards.

            EXAMPLES
              plughook webhooks create --name ci --url https://ci.example.com/phones
              plughook webhooks create --name ci --url http://10.0.0.7/ --events online
              plughook webhooks create --name ci --url http://ci/ --secret-file ci-secret
              plughook webhooks create --name ci --url http://ci/ --bearer-file ci-token
              plughook webhooks create --name desk --url http://127.0.0.1:8378/ --disabled
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Option(help: "Its name, 1 to 50 characters, the only one of that spelling.")
    var name: String

    @Option(help: "Where the callbacks go: http or https, at most 512 characters.")
    var url: String

    @OptionGroup var fields: WebhookFields

    func run(with client: ControlClient) throws {
        var body = WebhookBody(name: name, url: url, fields: fields)
        body.events = body.events ?? Status.allCases.map(\.rawValue)
        // What it would be anyway.
        if fields.allDevices { body.devices = nil }
        if fields.noAuth { body.auth = nil }
        if case .set(var auth) = body.auth {
            auth.isOfNew = true
            body.auth = .set(auth)
        }
        if fields.noHeaders { body.headers = nil }
        if fields.noTls { body.tls = nil }
        if fields.hostAddresses { body.addresses = nil }
        if case .removed = body.template { body.template = nil }
        let answer = try client.answer(to: .json(.post, ["webhooks"], body))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let webhook = try answer.decoded(as: WebhookView.self)
        try StandardOutput.write("created \(webhook.title)")
    }
}
