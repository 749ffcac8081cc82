internal import ArgumentParser

struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Creates, lists and revokes the tokens of programs that ask over TCP.",
        discussion: """
            Without a subcommand: list. A program sends its token as `Authorization: Bearer TOKEN`. Only a digest of a \
            token is kept: it is shown once, when it is created, and one that is lost is revoked and created anew.

            PERMISSIONS
              device.view         see phones, events, webhooks and callbacks
              session.manage      start and end sessions
              delivery.manage     send callbacks again
              org_setting.modify  change webhooks, tokens and the configuration

            EXAMPLES
              plughook tokens
              plughook tokens create board --permissions device.view,delivery.manage
              T=$(plughook tokens create ci --permissions session.manage --for 90d)
              plughook tokens revoke ci
            """,
        subcommands: [TokensListCommand.self, TokensCreateCommand.self, TokensRevokeCommand.self],
        defaultSubcommand: TokensListCommand.self)
}

/// What a token may be good for.
enum PermissionWord: String, CaseIterable {
    case deviceView = "device.view"
    case sessionManage = "session.manage"
    case deliveryManage = "delivery.manage"
    case orgSettingModify = "org_setting.modify"
}

struct TokenList: Decodable {
    struct Token: Decodable {
        var name: String
        var permissions: [String]
        /// RFC 3339; nil is for ever.
        var expires: String?
    }

    var tokens: [Token]

    init(by client: ControlClient) throws(ControlFailure) {
        self = try client.answer(to: ControlRequest(.get, ["tokens"])).decoded(as: TokenList.self)
    }
}
