internal import ArgumentParser
internal import Core
internal import Glibc

struct TokensRevokeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revokes a token: from now on it opens nothing.",
        discussion: """
            Asks before it does so. Where nobody can be asked, in a script, --yes is the answer.

            EXAMPLES
              plughook tokens revoke ci
              plughook tokens revoke ci --yes

            Exits with 1 when the answer is no, with 64 when nobody can be asked, with 66 when there is no such token.
            """)

    @OptionGroup var agent: ControlSocket

    @Argument(help: "The token's name, as `plughook tokens list` shows it.", completion: .tokens)
    var name: String

    @OptionGroup var confirmation: Confirmation

    func run(with client: ControlClient) throws {
        try confirmation.requireSomebody(to: "revoke")
        let names = try TokenList(by: client).tokens.map(\.name)
        // Bytes are compared: two spellings that look the same are two names.
        guard names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
            let hint = names.nearest(to: name).map { "did you mean \"\($0)\"?" } ?? "see `plughook tokens list`"
            throw ControlFailure.command(problem: "there is no token \"\(name)\": \(hint)", exitCode: EX_NOINPUT)
        }
        let title = "token \"\(name)\"".printable
        try confirmation.ask(
            "Revoke \(title)? Whoever uses it is refused from then on.", otherwise: "nothing is revoked")
        _ = try client.answer(to: ControlRequest(.delete, ["tokens", name]))
        try StandardOutput.write("revoked \(title)")
    }
}
