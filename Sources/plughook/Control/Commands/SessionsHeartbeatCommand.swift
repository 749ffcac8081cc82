internal import ArgumentParser
internal import ControlAPI
internal import Core

struct SessionsHeartbeatCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "heartbeat",
        abstract: "Keeps a session that lives by heartbeats.",
        discussion: """
            From now on it lives for its time to live again, and at most until its last deadline.

            EXAMPLES
              plughook sessions heartbeat ses_0123456789abcdef

            Exits with 66 when there is no such session, with 75 when it has ended, with 77 when it is somebody else's.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedSession

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.post, named.path + ["heartbeat"]))
        if json.isWanted { return try StandardOutput.write(answer.text) }
        let session = try answer.decoded(as: SessionView.self)
        let until = session.until.map { "lives until \($0)" } ?? "needs no heartbeat"
        try StandardOutput.write("\(session.id) on \(session.udid) \(until)".printable)
    }
}
