internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import FoundationEssentials

struct DevicesCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "The phones that the agent knows, and their status.",
        discussion: """
            With --watch the table is followed by a line for each change, as it happens, also over a restart of the \
            agent; what goes on with the connection is said on standard error. With --watch and --json the first line is \
            the document, and each further one an event, as `plughook events --json` prints it.

            A phone that shows no serial has no UDID and no status, and is not reported: as with two phones that show \
            one serial, its port is to be bound to a name in the configuration ("devices", with the ID_PATH that --json \
            shows).

            EXAMPLES
              plughook devices
              plughook devices --status offline --status unplugged
              plughook devices --watch
              plughook devices --json | jq -r '.devices[].udid'
              plughook devices show R58M123ABCD
              plughook devices forget R58M123ABCD
            """,
        subcommands: [DevicesShowCommand.self, DevicesForgetCommand.self])

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Option(help: ArgumentHelp("Only the phones with this status; may be given again for more.", valueName: "status"))
    var status: [Status] = []

    @Flag(help: "Go on with the changes as they come; ends when interrupted.")
    var watch = false

    func run(with client: ControlClient) throws {
        // Before the phones are read, so that no change falls between the two.
        let newest = watch ? try EventFollower.newest(client) : 0
        let answer = try client.answer(to: ControlRequest(.get, ["devices"]))
        var list = try answer.decoded(as: DeviceList.self)
        list.devices.removeAll { !isWanted($0.status) }
        list.unidentified.removeAll { _ in !status.isEmpty }
        if json.isWanted {
            try StandardOutput.write(status.isEmpty ? answer.text : list.jsonText())
        } else if !list.devices.isEmpty || !list.unidentified.isEmpty {
            var table = Table(["UDID", "NAME", "STATUS", "REASON", "PORT", "GROUP", "HELD BY"])
            try StandardOutput.write(table.text(rows(of: list)))
        } else {
            complain(status.isEmpty ? "the agent knows no phone yet" : "no phone has that status")
        }
        if watch { try follow(client, after: newest) }
    }

    /// One for each phone, hence two where two have one serial.
    private func rows(of list: DeviceList) -> [[String?]] {
        list.devices.flatMap { phone in
            (phone.places.isEmpty ? [phone.port] : phone.places.map(\.port)).map { port in
                [
                    phone.udid, phone.name, phone.status, phone.reason, port, phone.group,
                    phone.sessions.map(\.owner).joined(separator: ", "),
                ]
            }
        } + list.unidentified.map { [nil, $0.product, nil, $0.reason, $0.port, nil, nil] }
    }

    private func follow(_ client: ControlClient, after newest: Int64) throws {
        let paint = Paint.standardOutput
        var follower = EventFollower(client, after: newest)
        try follower.run { event in
            guard event.session == nil, isWanted(event.status) || isWanted(event.previous) else { return }
            try StandardOutput.write(json.isWanted ? event.jsonText() : line(event, paint: paint))
        }
    }

    private func isWanted(_ word: String?) -> Bool {
        status.isEmpty || status.contains { $0.rawValue == word }
    }

    private func line(_ event: EventView, paint: Paint) -> String {
        let before = event.previous.map { "\($0.printable) → " } ?? ""
        let reason = event.reason.map { " (\($0.printable))" } ?? ""
        let port = event.port.map { " on \($0.printable)" } ?? ""
        let now = paint.status(event.status.printable, of: event.status)
        return
            "\(event.at.printable)  \(event.udid.printable)  \(event.name.printable)  \(before)\(now)\(reason)\(port)"
    }
}
