internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

struct DeliveriesRedeliverCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Sends callbacks again, with the same id and the same bytes.",
        discussion: """
            Either the callbacks that are named, or all in one state (--dead for short) that fit what else is given. Each \
            is tried at once, behind what waits in its lane, and as if it had never failed. Those of a webhook that is gone \
            stay as they are.

            EXAMPLES
              plughook deliveries redeliver msg_01JABCDEF
              plughook deliveries redeliver --dead --webhook 129 --dry-run
              plughook deliveries redeliver --state delivered \\
                --since 2027-01-01T00:00:00Z --until 2027-01-01T06:00:00Z

            What is done is done: after an interruption, the same command goes on with --dead. Exits with 66 when there is \
            no such callback, phone or webhook.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var confirmation: Confirmation

    @Argument(
        help: ArgumentHelp("The callbacks: `webhook-id` at the receiver.", valueName: "id"), completion: .deliveries)
    var ids: [String] = []

    @Flag(help: "All that are dead: the same as --state dead.")
    var dead = false

    @Option(help: ArgumentHelp("All in this state.", valueName: "state"))
    var state: DeliveryState?

    @Option(
        help: ArgumentHelp("Only those of this webhook: its id or its exact name.", valueName: "id|name"),
        completion: .webhooks)
    var webhook: String?

    @Option(help: ArgumentHelp("Only those of this phone.", valueName: "udid"), completion: .devices)
    var device: String?

    @Option(help: ArgumentHelp("Only those made at this moment or later.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only those made before this moment.", valueName: "time"))
    var until: String?

    @Flag(help: "Say how many that would be, and send none.")
    var dryRun = false

    func validate() throws {
        let isFiltered = [webhook, device, since, until].contains { $0 != nil }
        guard ids.isEmpty else {
            if dead || state != nil || isFiltered || dryRun {
                throw ValidationError("give either ids, or which ones are meant")
            }
            if ids.contains("") { throw ValidationError("an id is empty; see `plughook deliveries list`") }
            return
        }
        if dead == (state != nil) { throw ValidationError("give ids, or one of --dead and --state") }
    }

    func run(with client: ControlClient) throws {
        guard ids.isEmpty else { return try redeliverEach(by: client) }
        var order = Order(state: state?.rawValue ?? "dead", device: device, since: since, until: until, dryRun: true)
        order.webhook = try webhook.map { name in try Int64(name) ?? WebhookName(text: name).webhook(by: client).id }
        if !dryRun { try confirmation.requireSomebody(to: "send them") }
        let matching = try part(of: order, by: client).matching ?? 0
        if matching == 0, let device { try client.requireDevice(device) }
        if dryRun { return try tell(RedeliveryView(matching: matching, redelivered: 0, next: nil)) }
        guard matching > 0 else { return try tell(RedeliveryView(redelivered: 0, next: nil)) }
        try confirmation.ask("Send \(matching) callbacks again?", otherwise: "nothing was sent")
        order.dryRun = false
        try redeliverAll(order, of: matching, by: client)
    }

    private func redeliverEach(by client: ControlClient) throws {
        for id in ids { _ = try client.answer(to: ControlRequest(.post, ["deliveries", id, "redeliver"])) }
        try tell(RedeliveryView(redelivered: ids.count, next: nil))
    }

    /// Part by part, and says how far it has come on a terminal.
    private func redeliverAll(_ order: Order, of matching: Int, by client: ControlClient) throws {
        var order = order
        var total = 0
        let isWatched = isatty(STDERR_FILENO) == 1
        repeat {
            let done: RedeliveryView
            do {
                done = try part(of: order, by: client)
            } catch {
                if total > 0 { complain("\(total) of \(matching) are on their way; the rest stay as they were") }
                throw error
            }
            total += done.redelivered
            order.after = done.next
            if isWatched, matching > Self.worthShowing { complain("\(total) of \(matching)") }
        } while order.after != nil
        try tell(RedeliveryView(redelivered: total, next: nil))
    }

    private static let worthShowing = 500

    private func part(of order: Order, by client: ControlClient) throws -> RedeliveryView {
        try client.answer(to: .json(.post, ["deliveries", "redeliver"], order)).decoded(as: RedeliveryView.self)
    }

    private func tell(_ view: RedeliveryView) throws {
        if json.isWanted { return try StandardOutput.write(try view.jsonText()) }
        let count = view.matching ?? view.redelivered
        let words = "\(count) callback\(count == 1 ? "" : "s")"
        try StandardOutput.write(view.matching == nil ? "\(words) sent again" : "\(words) would be sent again")
    }

    private struct Order: Encodable {
        var state: String
        var webhook: Int64?
        var device: String?
        var since: String?
        var until: String?
        var after: Int64?
        var dryRun: Bool
    }
}
