internal import Agent
internal import ArgumentParser

@main
struct Plughook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plughook",
        abstract: "Watches the phones on this host's USB ports and calls webhooks when their status changes.",
        discussion: """
            Try it on a desk: run `plughook listen` in one terminal and `plughook run` in another, with a configuration \
            whose webhook goes to http://127.0.0.1:8378/, then pull a cable.

            COMPLETION IN A SHELL
              plughook --generate-completion-script bash > /etc/bash_completion.d/plughook
              plughook --generate-completion-script zsh > ~/.zfunc/_plughook
              plughook --generate-completion-script fish | source
            """,
        version: Version.current,
        subcommands: [
            Run.self, Check.self, Schema.self, Listen.self, DoctorCommand.self,
            DevicesCommand.self, SessionsCommand.self, EventsCommand.self, WebhooksCommand.self, DeliveriesCommand.self,
            TokensCommand.self,
            ExpectAbsenceCommand.self, PageCommand.self, StatusCommand.self, ReloadCommand.self, AuditCommand.self,
        ])
}
