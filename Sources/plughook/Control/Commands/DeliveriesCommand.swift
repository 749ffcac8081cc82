internal import ArgumentParser

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "The callbacks: which wait, which were accepted, and every attempt.",
        discussion: """
            Without a subcommand: list.

            EXAMPLES
              plughook deliveries --state pending
              plughook deliveries list --webhook 129 --device R58M123ABCD --limit 10
              plughook deliveries show msg_01JABCDEF
              plughook deliveries redeliver --dead --webhook 129
            """,
        subcommands: [DeliveriesListCommand.self, DeliveriesShowCommand.self, DeliveriesRedeliverCommand.self],
        defaultSubcommand: DeliveriesListCommand.self)
}
