internal import ArgumentParser
internal import ControlAPI

struct WebhooksDeleteCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Deletes a webhook; its callbacks that still wait are cancelled.",
        discussion: """
            Asks before it does so. Where nobody can be asked, in a script, --yes is the answer. Its id is never used \
            again.

            EXAMPLES
              plughook webhooks delete ci
              plughook webhooks delete 129 --yes

            Exits with 1 when the answer is no, with 64 when nobody can be asked.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    @OptionGroup var confirmation: Confirmation

    func run(with client: ControlClient) throws {
        try confirmation.requireSomebody(to: "delete")
        let webhook = try named.webhook.webhook(by: client)
        let wait = webhook.waiting == 1 ? "still waits" : "still wait"
        try confirmation.ask(
            "Delete \(webhook.title)? \(callbacks(webhook.waiting)) \(wait) and will be cancelled.",
            otherwise: "nothing is deleted")
        var request = ControlRequest(.delete, webhook.path)
        // What was asked about is what is deleted.
        request.headers = [("If-Match", webhook.quotedTag)]
        let answer = try client.answer(to: request)
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let cancelled = try answer.decoded(as: Deletion.self).cancelled
        try StandardOutput.write("deleted \(webhook.title), cancelled \(callbacks(cancelled))")
    }

    private func callbacks(_ count: Int) -> String { "\(count) callback\(count == 1 ? "" : "s")" }
}

private struct Deletion: Decodable {
    var cancelled: Int
}
