internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

struct SessionsRunCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Becomes a command that has a phone as long as it lives.",
        discussion: """
            The session is bound to this process, which then becomes the command: signals and exit code are the command's \
            own, and the phone is free when it is gone, however it went. Nobody else has the phone meanwhile, unless \
            --shared says so.

            The command finds the phone in its environment: PLUGHOOK_UDID, PLUGHOOK_DEVICE_NAME and PLUGHOOK_SESSION, and \
            ANDROID_SERIAL, which adb and Gradle go by, for an Android.

            EXAMPLES
              plughook sessions run --any --platform android --wait 30m -- pytest -x
              plughook sessions run --device R58M123ABCD -- ./gradlew connectedAndroidTest

            Exits with 66 when there is no such phone, with 75 when it is held or not ready, or none became free; with \
            126 or 127 when the command cannot be run or found; else with what the command exits with.
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var wanted: WantedPhone

    @Flag(help: "Others may use the phone too; with --device only.")
    var shared = false

    @Argument(
        parsing: .postTerminator, help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        guard let first = command.first, !first.isEmpty else {
            throw ValidationError("say what to run, after --: plughook sessions run --any -- COMMAND")
        }
        if shared, wanted.any { throw ValidationError("--shared goes with --device only") }
    }

    func run(with client: ControlClient) throws {
        var order = wanted.order
        order.exclusive = shared ? nil : true
        order.boundTo = "process"
        let session = try wanted.start(order, with: client).decoded(as: SessionView.self)
        setenv("PLUGHOOK_SESSION", session.id, 1)
        setenv("PLUGHOOK_UDID", session.udid, 1)
        setenv("PLUGHOOK_DEVICE_NAME", session.deviceName, 1)
        if session.platform == "android" { setenv("ANDROID_SERIAL", session.serial ?? session.udid, 1) }
        throw become()
    }

    /// Returns only when that cannot be; the session then ends with this process.
    private func become() -> ExitCode {
        // As it was when this began: commands ignore it, and an ignored signal would stay so.
        signal(SIGPIPE, SIG_DFL)
        var arguments = command.map { strdup($0) } + [nil]
        if let program = arguments[0] { execvp(program, &arguments) }
        let code = errno
        complain("\(command[0]) cannot be run: \(String(cString: strerror(code)))".printable)
        return ExitCode(code == ENOENT ? 127 : 126)
    }
}
