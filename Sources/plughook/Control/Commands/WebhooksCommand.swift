internal import ArgumentParser

struct WebhooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Lists, creates, edits, deletes, tests and holds webhooks.",
        discussion: """
            Without a subcommand: list. A webhook is named by its id or by its exact name. Every change is written into the \
            configuration file and acts on the next event; two who edit at once do not overwrite each other.

            EXAMPLES
              plughook webhooks
              plughook webhooks create --name ci --url https://ci.example.com/phones
              plughook webhooks test ci
              plughook webhooks edit ci --events online,offline --timeout-ms 5000
              plughook webhooks suspend ci
              (umask 027; plughook webhooks secret new > /etc/plughook/ci-secret)
              plughook webhooks delete ci

            EXIT CODES
              64  the command line is wrong
              65  the agent finds the values wrong: each fault is a line
              66  there is no such webhook
              69  no agent answers
              70  the agent failed
              75  try again: it was changed meanwhile, or it cannot be done now
              76  the receiver did not accept the test
              77  no permission: the message names the group that has it
            """,
        subcommands: [
            WebhooksListCommand.self, WebhooksShowCommand.self, WebhooksCreateCommand.self, WebhooksEditCommand.self,
            WebhooksDeleteCommand.self, WebhooksTestCommand.self, WebhooksSuspendCommand.self,
            WebhooksResumeCommand.self, WebhooksMatchCommand.self, WebhooksPreviewCommand.self,
            WebhooksSecretCommand.self,
        ],
        defaultSubcommand: WebhooksListCommand.self)
}
