internal import ArgumentParser
internal import ControlAPI
internal import Core

struct DevicesShowCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one phone.",
        discussion: """
            EXAMPLES
              plughook devices show R58M123ABCD
              plughook devices show R58M123ABCD --json | jq -r .status

            Exits with 66 when the agent does not know such a phone.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag
    @OptionGroup var named: NamedDevice

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.get, ["devices", named.udid]))
        try StandardOutput.write(json.isWanted ? answer.text : text(of: answer.decoded(as: DeviceView.self)))
    }

    private func text(of device: DeviceView) -> String {
        var facts = FactList()
        facts.add("udid", device.udid)
        facts.add("name", device.name)
        facts.add("status", device.status ?? "nothing reported yet")
        facts.add("since", device.since)
        facts.add("reason", device.reason)
        for session in device.sessions { facts.add("held by", session.words) }
        facts.add("away until", device.expectedAbsence?.words)
        facts.add("usable", device.sensor.map { "when \($0) says so" } ?? "as soon as it is there")
        facts.add("flags", device.flags.joined(separator: ", "))
        facts.add("model", device.model)
        facts.add("OS version", device.osVersion)
        facts.add("group", device.group)
        facts.add("platform", device.platform)
        if device.places.count > 1 {
            for place in device.places { facts.add("port", place.words) }
        } else {
            facts.add("port", device.port)
            facts.add("ID_PATH", device.idPath)
        }
        facts.add("listed", device.isListed ? "yes" : "no")
        let labels = device.labels.sorted { $0.key < $1.key }
        facts.add("labels", labels.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        return facts.text
    }
}

extension PlaceView {
    fileprivate var words: String { port + (idPath.map { " (\($0))" } ?? "") }
}

extension SessionView {
    /// Holder, kind, since and until.
    fileprivate var words: String {
        "\(owner) (\(kind) \(id)) since \(startedAt)" + (until.map { " until \($0)" } ?? "")
    }
}
