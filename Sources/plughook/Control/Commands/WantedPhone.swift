internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

/// Which phone a session is to be on, and how.
struct WantedPhone: ParsableArguments {
    @Option(help: ArgumentHelp("The phone: its UDID or its name.", valueName: "phone"), completion: .devices)
    var device: String?

    @Flag(help: "Any phone that is online and free; the options below say what it must be like.")
    var any = false

    @Option(help: ArgumentHelp("With --any: android or ios.", valueName: "platform"))
    var platform: Platform?

    @Option(help: ArgumentHelp("With --any: its name; * stands for any characters, ? for one.", valueName: "pattern"))
    var deviceName: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "With --any: a label that the configuration gives it; may be repeated.", valueName: "key=value"))
    var deviceLabel: [Label] = []

    @Option(help: ArgumentHelp("Whom the session is for; the user who asks, when not given.", valueName: "text"))
    var owner: String?

    @Option(help: ArgumentHelp("session, cleanup or reserved (held, not utilizing).", valueName: "kind"))
    var kind: Session.Kind?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A word of your own about the session; may be repeated.", valueName: "key=value"))
    var label: [Label] = []

    @Option(help: ArgumentHelp("Ends it after so long, whatever happens: 1s to 30d.", valueName: "span"))
    var max: Span?

    @Option(help: ArgumentHelp("Waits for a phone: up to 1d.", valueName: "span"))
    var wait: Span?

    @Flag(help: "Also on a phone that is offline: the session counts once it is ready.")
    var force = false

    func validate() throws {
        switch (device, any) {
        case (nil, false): throw ValidationError("say which phone: --device UDID, or --any")
        case (_?, true): throw ValidationError("give --device or --any, not both")
        case (_?, false):
            guard platform == nil, deviceName == nil, deviceLabel.isEmpty else {
                throw ValidationError("--platform, --device-name and --device-label go with --any only")
            }
        case (nil, true):
            if force { throw ValidationError("--force goes with --device only: --any takes none that is offline") }
        }
        if let wait, wait.seconds > 86_400 {
            throw ValidationError("--wait \(wait.text) is out of range; give 1s to 1d")
        }
        if let max, max.seconds > 2_592_000 {
            throw ValidationError("--max \(max.text) is out of range; give 1s to 30d")
        }
    }

    /// What the API is asked for; the caller says what the session is bound to.
    var order: SessionOrderBody {
        SessionOrderBody(
            device: device,
            any: any
                ? SessionOrderBody.Filter(
                    platform: platform?.rawValue, labels: Label.dictionary(deviceLabel), name: deviceName) : nil,
            owner: owner, kind: kind?.rawValue, labels: Label.dictionary(label), maxSeconds: max?.seconds,
            waitSeconds: wait?.seconds, force: force ? true : nil)
    }

    /// Starts the session, and says on a terminal that it may take a while.
    func start(_ order: SessionOrderBody, with client: ControlClient) throws -> ControlAnswer {
        var request = try ControlRequest.json(.post, ["sessions"], order)
        if let wait {
            request.patienceSeconds += wait.seconds
            if isatty(STDERR_FILENO) == 1 { complain("waits for a phone, up to \(wait.text); Ctrl-C gives up") }
        }
        return try client.answer(to: request)
    }
}

/// The body of `POST /v1/sessions`; what is nil is left out.
struct SessionOrderBody: Encodable {
    struct Filter: Encodable {
        var platform: String?
        var labels: [String: String]?
        var name: String?
    }

    var device: String?
    var any: Filter?
    var owner: String?
    var kind: String?
    var labels: [String: String]?
    var exclusive: Bool?
    var boundTo: String?
    var pid: Int?
    var ttlSeconds: Int?
    var maxSeconds: Int?
    var waitSeconds: Int?
    var force: Bool?
}

/// `key=value`.
struct Label: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }

    /// The last one of each key; nil when there is none.
    static func dictionary(_ labels: [Label]) -> [String: String]? {
        labels.isEmpty ? nil : Dictionary(labels.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension Platform: ExpressibleByArgument {}
extension Session.Kind: ExpressibleByArgument {}
