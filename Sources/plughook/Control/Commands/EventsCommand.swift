internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import FoundationEssentials

struct EventsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "What happened to the phones: every change of a status, every start and end of a session.",
        discussion: """
            Prints the newest events, the newest last; with --after the first ones after that number instead. Events are \
            numbered without gaps, and are kept for a time: what is missing is said on standard error.

            With --follow it goes on with what happens, also over a restart of the agent, with nothing left out and \
            nothing twice; --after N --follow starts with all that is kept after N.

            EXAMPLES
              plughook events --limit 10
              plughook events --follow --device R58M123ABCD
              plughook events --after 4711 --follow --json >> events.jsonl

            Exits with 66 when there is no such phone.
            """)

    @OptionGroup var agent: ControlSocket

    @Flag(help: "Print one JSON object a line, as the control API has them.")
    var json = false

    @Flag(name: .shortAndLong, help: "Go on with the events as they come; ends when interrupted.")
    var follow = false

    @Option(help: ArgumentHelp("Only the events of this phone.", valueName: "udid"), completion: .devices)
    var device: String?

    @Option(help: ArgumentHelp("Start after the event with this number; 0 starts with the first.", valueName: "number"))
    var after: Int64?

    @OptionGroup var limit: Limit

    func validate() throws {
        if let after, after < 0 { throw ValidationError("--after \(after) is no event's number; give 0 or more") }
    }

    func run(with client: ControlClient) throws {
        var printer = EventPrinter(isJSON: json)
        guard follow else {
            let events = try page(client, query: after.map { ("after", $0) })
            if events.isEmpty, let device { try client.requireDevice(device) }
            return try printer.print(events, isAlone: true)
        }
        if let device { try announceStranger(device, to: client) }
        if let after { return try goOn(client, after: after, &printer) }
        // What comes after the newest comes by the stream, of all phones.
        let newest = try EventFollower.newest(client)
        let events = newest > 0 ? try page(client, query: ("before", newest + 1)) : []
        try printer.print(events, isAlone: false)
        try goOn(client, after: newest, &printer)
    }

    /// A phone that is yet to come can be waited for; one that is misspelt would be waited for in vain.
    private func announceStranger(_ device: String, to client: ControlClient) throws {
        do {
            try client.requireDevice(device)
        } catch {
            guard case .refused(let problem) = error, problem.status == 404 else { throw error }
            complain("\(problem.detail) Its events are shown once it comes.".printable)
        }
    }

    /// Ascending, whichever way they were asked for.
    private func page(_ client: ControlClient, query: (name: String, value: Int64)?) throws -> [EventView] {
        let bound = query ?? ("before", Int64.max)
        let request = ControlRequest(
            .get, ["events"],
            query: [(bound.name, String(bound.value)), ("device", device), ("limit", String(limit.count))])
        let page = try client.answer(to: request).decoded(as: EventPage.self)
        if let missing = page.missing { complain(missing.gapText) }
        return page.events.sorted { $0.number < $1.number }
    }

    private func goOn(_ client: ControlClient, after number: Int64, _ printer: inout EventPrinter) throws {
        let wanted = device.map { [$0, UDID(apple: $0)?.description] }
        var follower = EventFollower(client, after: number)
        try follower.run { event in
            if wanted?.contains(event.udid) ?? true { try printer.print([event], isAlone: false) }
        }
    }
}

/// Prints events, as a table that goes on or as lines of JSON.
private struct EventPrinter {
    let isJSON: Bool
    private var table = Table(["NUMBER", "AT", "UDID", "NAME", "WAS", "STATUS", "REASON", "PORT", "TOLD"])
    private var hasHeader = false

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// `isAlone`: nothing follows, and that there is nothing must be said.
    mutating func print(_ events: [EventView], isAlone: Bool) throws {
        if isJSON {
            for event in events { try StandardOutput.write(event.jsonText()) }
        } else if events.isEmpty {
            if isAlone { complain("there are no such events") }
        } else if hasHeader {
            for event in events { try StandardOutput.write(table.text(row(event))) }
        } else {
            hasHeader = true
            try StandardOutput.write(table.text(events.map(row)))
        }
    }

    /// Of a session, what happened to it stands where the reason does, which it has none of its own.
    private func row(_ event: EventView) -> [String?] {
        let session = event.session.map { session in
            "session \(session.change)" + (session.reason.map { " (\($0))" } ?? "") + " by \(session.owner)"
        }
        return [
            String(event.number), event.at, event.udid, event.name, event.previous, event.status,
            session ?? event.reason,
            event.port, event.isSilent ? "no" : "yes",
        ]
    }
}
