internal import ArgumentParser
internal import Core

struct DevicesForgetCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Forgets a phone that is gone for good.",
        discussion: """
            Only one that is unplugged and that the configuration does not list: any other would be back at once. What \
            happened to it stays in the history.

            EXAMPLES
              plughook devices forget R58M123ABCD

            Exits with 66 when there is no such phone, 75 when it cannot be forgotten now.
            """)

    @OptionGroup var agent: ControlSocket

    @Argument(
        help: ArgumentHelp("The phone's UDID, as `plughook devices` shows it.", valueName: "udid"),
        completion: .forgettableDevices)
    var udid: String

    func validate() throws { try requireUDID(udid) }

    func run(with client: ControlClient) throws {
        _ = try client.answer(to: ControlRequest(.delete, ["devices", udid]))
        try StandardOutput.write("\(udid.printable) is forgotten")
    }
}
