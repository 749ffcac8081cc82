internal import ArgumentParser
internal import Core
internal import FoundationEssentials

struct TokensListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the tokens: their names, and what they are good for.",
        discussion: """
            The tokens themselves are known to nobody but their owners.

            EXAMPLES
              plughook tokens list
              plughook tokens list --json | jq -r '.tokens[].name'
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["tokens"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let tokens = try answer.decoded(as: TokenList.self).tokens
        guard !tokens.isEmpty else {
            return complain("there is no token yet: see `plughook tokens create --help`")
        }
        var table = Table(["NAME", "PERMISSIONS", "EXPIRES"])
        let now = Date()
        let rows = tokens.map { [$0.name, $0.permissions.joined(separator: ","), expiry(of: $0, at: now)] }
        try StandardOutput.write(table.text(rows))
    }

    private func expiry(of token: TokenList.Token, at now: Date) -> String {
        guard let text = token.expires else { return "never" }
        let isOver = Date(internetTime: text).map { $0 <= now } ?? false
        return isOver ? "\(text), expired" : text
    }
}
