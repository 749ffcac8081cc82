internal import ArgumentParser
internal import ControlAPI
internal import Core

struct DeliveriesShowCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one callback: what is sent, and every attempt.",
        discussion: """
            EXAMPLES
              plughook deliveries show msg_01JABCDEF
              plughook deliveries show msg_01JABCDEF --json | jq -r .body

            Exits with 66 when there is no such callback.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Argument(
        help: ArgumentHelp("The callback's id: `webhook-id` at the receiver.", valueName: "id"),
        completion: .deliveries)
    var id: String

    func validate() throws {
        guard !id.isEmpty else { throw ValidationError("the id is empty; see `plughook deliveries list`") }
    }

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["deliveries", id]))
        let delivery = try answer.decoded(as: DeliveryView.self)
        try StandardOutput.write(json.isWanted ? answer.text : text(of: delivery))
    }

    private func text(of delivery: DeliveryView) -> String {
        var facts = FactList()
        facts.add("id", delivery.id)
        facts.add("webhook", String(delivery.webhookId))
        facts.add("phone", delivery.udid)
        facts.add("number", "\(delivery.sequence) in its lane, of event \(delivery.event)")
        facts.add("created", delivery.createdAt)
        facts.add("state", delivery.state + (delivery.reason.map { $0 == delivery.state ? "" : " (\($0))" } ?? ""))
        facts.add("settled", delivery.settledAt)
        facts.add("next attempt", delivery.nextAttemptAt)
        facts.add("body", delivery.body)
        guard let attempts = delivery.attempts, !attempts.isEmpty else { return facts.text + "\n\nno attempt yet" }
        var table = Table(["ATTEMPT", "STARTED", "OUTCOME", "HTTP", "TOOK", "BY PHASE", "SENT", "TO", "DETAIL"])
        let rows = attempts.map { attempt in
            [
                String(attempt.number), attempt.startedAt, attempt.outcome, attempt.statusCode.map { String($0) },
                milliseconds(attempt.durationMs), attempt.phases, "\(attempt.wireSends)×", attempt.address,
                attempt.detail,
            ]
        }
        let answers = attempts.compactMap { attempt in
            attempt.answer.map { "answer to attempt \(attempt.number): \($0)".printable }
        }
        return ([facts.text, table.text(rows)] + answers).joined(separator: "\n\n")
    }
}

extension AttemptView {
    /// When each part of it was done; nil when none is known.
    fileprivate var phases: String? {
        let known = [
            ("name", nameLookupMs), ("connect", connectMs), ("TLS", tlsMs), ("first byte", firstByteMs),
        ].compactMap { word, time in time.map { "\(word) \(milliseconds($0))" } }
        return known.isEmpty ? nil : known.joined(separator: ", ")
    }
}

/// A time for people: tenths of a millisecond are enough.
func milliseconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) ms" }
