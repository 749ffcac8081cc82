internal import ArgumentParser
internal import ControlAPI
internal import Core

/// One phone as an argument.
struct NamedDevice: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The phone's UDID, as `plughook devices` shows it.", valueName: "udid"),
        completion: .devices)
    var udid: String

    func validate() throws { try requireUDID(udid) }
}

/// Nothing is no UDID, and its path would be that of all phones.
func requireUDID(_ text: String) throws {
    guard !text.isEmpty else { throw ValidationError("the UDID is empty; see `plughook devices`") }
}

extension ControlClient {
    /// Throws what the agent says when it does not know this phone, the one that was probably meant included.
    func requireDevice(_ udid: String) throws(ControlFailure) {
        _ = try answer(to: ControlRequest(.get, ["devices", udid]))
    }
}
