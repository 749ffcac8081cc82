internal import ArgumentParser

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Who has which phone: starts, keeps and ends sessions, or runs a command in one.",
        discussion: """
            Without a subcommand: list. While a phone has a session it is utilizing. A session lives by heartbeats, or as \
            long as a process does; whatever happens to that, the phone is free at once.

            EXAMPLES
              plughook sessions
              plughook sessions run --any --platform android --wait 30m -- pytest
              plughook sessions start --device R58M123ABCD --owner nightly --ttl 15m
              plughook sessions end ses_0123456789abcdef

            EXIT CODES
              64  the command line is wrong
              65  the agent finds the values wrong: each fault is a line
              66  there is no such phone or session
              69  no agent answers
              70  the agent failed
              75  try again: the phone is held or not ready, or none became free in time
              77  no permission: the message says whose it is, or which group may
            """,
        subcommands: [
            SessionsListCommand.self, SessionsShowCommand.self, SessionsStartCommand.self,
            SessionsHeartbeatCommand.self, SessionsEndCommand.self, SessionsRunCommand.self,
        ],
        defaultSubcommand: SessionsListCommand.self)
}
