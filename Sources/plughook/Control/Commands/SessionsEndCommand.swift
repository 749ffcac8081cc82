internal import ArgumentParser
internal import ControlAPI
internal import Core

struct SessionsEndCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "Ends a session; the phone is free if it was the only one.",
        discussion: """
            An administrator may end the sessions of others: they are revoked, which is in the audit trail.

            EXAMPLES
              plughook sessions end ses_0123456789abcdef

            Exits with 66 when there is no such session, with 75 when it has ended, with 77 when it is somebody else's.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedSession

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.delete, named.path))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let session = try answer.decoded(as: SessionView.self)
        try StandardOutput.write("\(session.endReason ?? "ended") \(session.id) on \(session.udid)".printable)
    }
}
