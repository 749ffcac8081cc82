internal import ArgumentParser
internal import ControlAPI
internal import Core

struct ExpectAbsenceCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "expect-absence",
        abstract: "Says that a phone is about to be rebooted or flashed.",
        discussion: """
            From now on the phone is offline (rebooting) where it would be unplugged, until it is back and ready, the \
            time is up or --cancel. Also over a restart of the agent. A second time replaces the first. When it ends while \
            the phone is away, the phone is unplugged.

            EXAMPLES
              plughook expect-absence R58M123ABCD && adb -s R58M123ABCD reboot
              plughook expect-absence R58M123ABCD --for 15m --reason flashing
              plughook expect-absence R58M123ABCD --cancel

            Exits with 66 when there is no such phone.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedDevice

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("For so long: 1s to 15m; 10m when not given.", valueName: "span"))
    var span: Span?

    @Option(help: ArgumentHelp("Why, for whoever looks; at most 200 characters.", valueName: "text"))
    var reason: String?

    @Flag(help: "Expect it no longer; a phone that is away is then unplugged.")
    var cancel = false

    func validate() throws {
        guard !cancel || span == nil && reason == nil else {
            throw ValidationError("--cancel goes without --for and --reason")
        }
        guard let span else { return }
        let range = ExpectedAbsence.shortest...ExpectedAbsence.longest
        guard range.contains(.seconds(span.seconds)) else {
            throw ValidationError("--for \(span.text) is out of range; give 1s to 15m")
        }
    }

    func run(with client: ControlClient) throws {
        let path = ["devices", named.udid, "expect-absence"]
        let answer = try client.answer(
            to: cancel
                ? ControlRequest(.delete, path)
                : .json(.post, path, Announcement(seconds: span?.seconds, reason: reason)))
        guard !json.isWanted else { return try StandardOutput.write(answer.text) }
        let device = try answer.decoded(as: DeviceView.self)
        let status = device.status.map { "it is \($0)" } ?? "nothing is reported of it yet"
        let words = device.expectedAbsence.map { "may be away until \($0.words)" } ?? "is not expected to be away"
        try StandardOutput.write("\(device.udid) (\(device.name)) \(words); \(status)".printable)
    }
}

private struct Announcement: Encodable {
    var seconds: Int?
    var reason: String?
}

extension ExpectedAbsenceView {
    /// When it is over, and why it is expected.
    var words: String { until + (reason.map { " (\($0))" } ?? "") }
}
