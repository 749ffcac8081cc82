internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Delivery
internal import Glibc

struct WebhooksSecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Makes secrets that callbacks are signed with, and changes them.",
        discussion: """
            Callbacks are signed by Standard Webhooks: a receiver verifies them with its library for that, and with the \
            secret. It is in a file that only the agent and its administrators can read, or in the agent's environment.

            EXAMPLES
              (umask 027; plughook webhooks secret new > /etc/plughook/ci-secret)
              plughook webhooks edit ci --secret-file ci-secret
              (umask 027; plughook webhooks secret new > /etc/plughook/ci-secret-2)
              plughook webhooks secret rotate ci --secret-file ci-secret-2
            """,
        subcommands: [WebhooksSecretNewCommand.self, WebhooksSecretRotateCommand.self])
}

struct WebhooksSecretNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Prints a new secret; it is kept nowhere.",
        discussion: """
            24 random bytes, as `whsec_` and base64: what the libraries of Standard Webhooks take. Give it to the receiver too.

            EXAMPLES
              (umask 027; plughook webhooks secret new > /etc/plughook/ci-secret)
            """)

    func run() throws {
        if isatty(STDOUT_FILENO) == 1 { complain("it is shown once: put it into a file, with > FILE") }
        try StandardOutput.write(StandardWebhooks.newSecret())
    }
}

struct WebhooksSecretRotateCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Signs with a new secret, and with the old one beside it for a while.",
        discussion: """
            Until --overlap is over every callback has a signature by each, so the receiver can change over whenever it likes. \
            When somebody else changes the webhook at the same moment nothing is written, and the exit code is 75.

            EXAMPLES
              plughook webhooks secret rotate ci --secret-file ci-secret-2
              plughook webhooks secret rotate ci --secret-file ci-secret-2 --overlap 7d
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedWebhook

    @Option(help: ArgumentHelp("A file with the new secret, on the agent's host.", valueName: "file"))
    var secretFile: String

    @Option(help: ArgumentHelp("How long the old one is used beside it: 1s to 30d; 1d unless told.", valueName: "span"))
    var overlap: Span?

    func validate() throws {
        if let overlap, overlap.seconds > 2_592_000 {
            throw ValidationError("--overlap \(overlap.text) is out of range; give 1s to 30d")
        }
    }

    func run(with client: ControlClient) throws {
        let webhook = try named.webhook.webhook(by: client)
        let now = Int64(time(nil))
        let end = WallTime(milliseconds: (now + Int64(overlap?.seconds ?? 86_400)) * 1000).description
        let present = WallTime(milliseconds: now * 1000).description
        // One that has an end keeps it; one whose end has come is taken out.
        let old = webhook.secrets.filter { $0.notAfter.map { $0 > present } ?? true }.map { secret in
            SecretView(file: secret.file, env: secret.env, value: secret.value, notAfter: secret.notAfter ?? end)
        }
        var request = try ControlRequest.json(
            .patch, webhook.path, WebhookBody(secrets: [SecretView(file: secretFile)] + old),
            as: "application/merge-patch+json")
        request.headers.append(("If-Match", webhook.quotedTag))
        let answer = try client.answer(to: request)
        if json.isWanted { return try StandardOutput.write(answer.text) }
        try StandardOutput.write(answer.decoded(as: WebhookView.self).text)
    }
}
