internal import ArgumentParser
internal import ControlAPI
internal import Core

struct DeliveriesListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists callbacks, the newest last.",
        discussion: """
            NUMBER is the callback's place in its lane: the callbacks of one phone to one webhook, which are delivered in \
            that order. NEXT is when the next attempt is made at the earliest.

            EXAMPLES
              plughook deliveries list --state pending --webhook 129
              plughook deliveries list --since 2027-01-01T06:00:00Z

            Exits with 66 when there is no such phone or webhook.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Option(
        help: ArgumentHelp("Only those of this webhook: its id or its exact name.", valueName: "id|name"),
        completion: .webhooks)
    var webhook: String?

    @Option(help: ArgumentHelp("Only those of this phone.", valueName: "udid"), completion: .devices)
    var device: String?

    @Option(help: ArgumentHelp("Only those in this state.", valueName: "state"))
    var state: DeliveryState?

    @Option(help: ArgumentHelp("Only those made at this moment or later.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only those made before this moment.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Only those before this position: the page before.", valueName: "position"))
    var before: Int64?

    @OptionGroup var limit: Limit

    func run(with client: ControlClient) throws {
        let id = try webhook.map { name in try Int64(name) ?? WebhookName(text: name).webhook(by: client).id }
        let request = ControlRequest(
            .get, ["deliveries"],
            query: [
                ("webhook", id.map { String($0) }), ("device", device), ("state", state?.rawValue),
                ("since", since), ("until", until), ("before", before.map { String($0) }),
                ("limit", String(limit.count)),
            ])
        let answer = try client.answer(to: request)
        let page = try answer.decoded(as: DeliveryPage.self)
        if page.deliveries.isEmpty, let device { try client.requireDevice(device) }
        if json.isWanted { return try StandardOutput.write(answer.text) }
        guard !page.deliveries.isEmpty else { return complain("there are no such callbacks") }
        var table = Table(
            ["ID", "WEBHOOK", "UDID", "NUMBER", "EVENT", "CREATED", "STATE", "ATTEMPTS", "SETTLED", "NEXT"])
        let rows = page.deliveries.sorted { $0.position < $1.position }.map { delivery in
            [
                delivery.id, String(delivery.webhookId), delivery.udid, String(delivery.sequence),
                String(delivery.event), delivery.createdAt, delivery.state, String(delivery.attemptCount),
                delivery.settledAt, delivery.nextAttemptAt,
            ]
        }
        try StandardOutput.write(table.text(rows))
        if let next = page.next { complain("there are older ones: --before \(next)") }
    }
}

extension DeliveryState: ExpressibleByArgument {}
