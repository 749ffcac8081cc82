internal import ArgumentParser
internal import Core
internal import FoundationEssentials

struct TokensCreateCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a token, and prints it once.",
        discussion: """
            The token alone goes to standard output, so that a script can keep it; it cannot be shown again. Without \
            --expires and --for it is good until it is revoked.

            EXAMPLES
              plughook tokens create board --permissions device.view,delivery.manage
              T=$(plughook tokens create ci --permissions session.manage --for 90d)
              plughook tokens create audit --permissions device.view \\
                --expires 2027-01-01T00:00:00Z
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Argument(help: "Its name, the only one of that spelling: who uses it.")
    var name: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What it is good for; may be given again, or as a list with commas.", valueName: "permission"))
    var permissions: [WordList<PermissionWord>]

    @OptionGroup var life: TokenLife

    func run(with client: ControlClient) throws {
        let wanted = NewToken(
            name: name, permissions: WordList.union(permissions), expires: life.end(from: Date())?.internetTime)
        let answer = try client.answer(to: .json(.post, ["tokens"], wanted))
        let created = try answer.decoded(as: CreatedToken.self)
        try StandardOutput.write(json.isWanted ? answer.text : created.token.printable)
        guard !json.isWanted else { return }
        let end = created.expires.map { "until \($0)" } ?? "until it is revoked"
        let permissions = created.permissions.joined(separator: ", ")
        complain("token \"\(created.name)\" for \(permissions), \(end): keep it, for it is not shown again".printable)
    }
}

private struct NewToken: Encodable {
    var name: String
    var permissions: [String]
    var expires: String?
}

private struct CreatedToken: Decodable {
    var name: String
    var permissions: [String]
    var expires: String?
    var token: String
}
