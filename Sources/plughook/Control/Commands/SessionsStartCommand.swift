internal import ArgumentParser
internal import ControlAPI

struct SessionsStartCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts a session on a phone, and prints its id.",
        discussion: """
            It lives by heartbeats (`plughook sessions heartbeat`), or, with --pid, as long as that process does. Whoever \
            takes any phone has it for himself alone.

            EXAMPLES
              plughook sessions start --device R58M123ABCD --owner nightly --ttl 15m
              plughook sessions start --any --platform ios --wait 10m --pid $$ --json
              plughook sessions start --device R58M123ABCD --kind reserved --ttl 8h

            Exits with 66 when there is no such phone, with 75 when it is held or not ready, or none became free.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var wanted: WantedPhone

    @Flag(help: "Nobody else may use the phone meanwhile.")
    var exclusive = false

    @Option(help: ArgumentHelp("How long it lives without a heartbeat: 1s to 1d.", valueName: "span"))
    var ttl: Span?

    @Option(help: ArgumentHelp("Bound to this process: it ends with it.", valueName: "pid"))
    var pid: Int?

    func validate() throws {
        if ttl != nil, pid != nil { throw ValidationError("--ttl goes without --pid: a process needs no heartbeat") }
        if let ttl, ttl.seconds > 86_400 {
            throw ValidationError("--ttl \(ttl.text) is out of range; give 1s to 1d")
        }
        if let pid, pid < 1 { throw ValidationError("--pid \(pid) is no process") }
    }

    func run(with client: ControlClient) throws {
        var order = wanted.order
        order.exclusive = exclusive ? true : nil
        order.ttlSeconds = ttl?.seconds
        if let pid { (order.boundTo, order.pid) = ("process", pid) }
        let answer = try wanted.start(order, with: client)
        try StandardOutput.write(json.isWanted ? answer.text : answer.decoded(as: SessionView.self).text)
    }
}
