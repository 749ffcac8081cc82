internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

/// Which webhook is meant. A number that is the id of one is that one; whatever else is a name.
struct WebhookName: ExpressibleByArgument {
    let text: String

    init(text: String) { self.text = text }

    init?(argument: String) { text = argument }

    /// The webhook as it is now.
    func webhook(by client: ControlClient) throws(ControlFailure) -> WebhookView {
        let webhooks = try client.answer(to: ControlRequest(.get, ["webhooks"])).decoded(as: WebhookList.self).webhooks
        if let webhook = webhooks.first(where: { String($0.id) == text }) { return webhook }
        // Bytes are compared, as the agent does: two spellings that look the same are two names.
        if let webhook = webhooks.first(where: { $0.name.utf8.elementsEqual(text.utf8) }) { return webhook }
        throw .command(
            problem: "there is no webhook \"\(text)\": " + advice(among: webhooks), exitCode: EX_NOINPUT)
    }

    /// The one that was probably meant, else those that there are.
    private func advice(among webhooks: [WebhookView]) -> String {
        if let name = webhooks.map(\.name).nearest(to: text), let near = webhooks.first(where: { $0.name == name }) {
            return "did you mean \"\(near.name)\" (\(near.id))?"
        }
        let known = webhooks.prefix(10).map { "\"\($0.name)\" (\($0.id))" }.joined(separator: ", ")
        return webhooks.isEmpty ? "there is none at all" : "there are \(known)\(webhooks.count > 10 ? " and more" : "")"
    }
}

struct WebhookList: Codable {
    var webhooks: [WebhookView]
}

/// One webhook as an argument.
struct NamedWebhook: ParsableArguments {
    @Argument(help: ArgumentHelp("The webhook: its id or its exact name.", valueName: "id|name"), completion: .webhooks)
    var webhook: WebhookName
}
