internal import ArgumentParser
internal import PlughookConfiguration
internal import FoundationEssentials
internal import Glibc

/// Which agent is talked to: the socket that the command says, or the one of a configuration.
struct ControlSocket: ParsableArguments {
    @Option(
        help: ArgumentHelp("The agent's control socket, instead of the one in the configuration.", valueName: "path"),
        completion: .file())
    var socket: String?

    @OptionGroup var file: ConfigurationPath

    /// The client for that socket.
    ///
    /// Only the socket's place is taken from the file: whatever else is wrong with it, the agent can be asked about it.
    /// The standard file may be closed to this user; then the standard socket is meant.
    func client() throws(ControlFailure) -> ControlClient {
        if let socket { return ControlClient(socket: socket, note: nil) }
        let standard = Configuration().control.socket
        let problem: String
        do {
            let bytes = try ConfigurationFile.read(path: file.path).bytes
            let place = try JSONDecoder().decode(SocketPlace.self, from: Data(bytes))
            return ControlClient(socket: place.control?.socket ?? standard, note: nil)
        } catch let error as ConfigurationError {
            problem = error.description
        } catch {
            problem = "\(file.path): says no control socket that could be read; run `plughook check`"
        }
        guard file.option == nil, getenv("PLUGHOOK_CONFIG") == nil else {
            throw .command(problem: "\(problem); or give --socket", exitCode: EX_CONFIG)
        }
        let isAbsent = access(file.path, F_OK) != 0
        return ControlClient(
            socket: standard, note: isAbsent ? nil : "that is the standard socket, for \(problem); or give --socket")
    }
}

/// What is read of a configuration.
private struct SocketPlace: Decodable {
    struct Control: Decodable { var socket: String? }

    var control: Control?
}
