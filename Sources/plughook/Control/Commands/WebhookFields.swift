internal import ArgumentParser
internal import ControlAPI
internal import Core

/// What may be said of a webhook beside its name and URL. What is wrong with a value is for the agent to say.
struct WebhookFields: ParsableArguments {
    @Option(
        name: [.customLong("events"), .customLong("event")],
        help: ArgumentHelp("Tell it of this change; may be given again, or as a list with commas.", valueName: "status")
    )
    var events: [WordList<Status>] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Tell it of this phone alone; may be given again.", valueName: "udid"), completion: .devices)
    var udid: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Of phones of this name; * stands for any characters, ? for one.", valueName: "pattern"))
    var deviceName: [String] = []

    @Option(parsing: .singleValue, help: "Of phones of this platform: android or ios.")
    var platform: [Platform] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Of phones that the configuration gives this label.", valueName: "key=value"))
    var deviceLabel: [Label] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Of phones at this port (1-4.2, 1-4.*), or at this ID_PATH.", valueName: "pattern"))
    var port: [String] = []

    @Flag(help: "Of all phones.")
    var allDevices = false

    @Flag(help: "Whether it gets callbacks.")
    var ability: Ability?

    @Option(help: "What it is for, at most 512 characters.")
    var description: String?

    @Option(help: ArgumentHelp("How long one attempt may take, 1000 to 30000.", valueName: "ms"))
    var timeoutMs: Int?

    @Option(
        help: ArgumentHelp("The part of it in which the connection must stand, 100 to 30000.", valueName: "ms"))
    var connectTimeoutMs: Int?

    @Option(
        help: ArgumentHelp(
            "After its receiver was away, send all callbacks, or of each phone the latest.", valueName: "all|latest"))
    var backlog: Backlog?

    @Option(
        help: ArgumentHelp(
            "The form of the body: kobiton, kobiton-extended, cloudevents, cloudevents-binary or template.",
            valueName: "format"))
    var format: String?

    @Option(help: ArgumentHelp("The Mustache file to fill in, on the agent's host.", valueName: "file"))
    var template: String?

    @Option(help: ArgumentHelp("The Content-Type of what the template makes.", valueName: "type"))
    var contentType: String?

    @Option(
        help: ArgumentHelp(
            "Sign callbacks with the secret in this file, on the agent's host; the newest first when given again.",
            valueName: "file"))
    var secretFile: [String] = []

    @Option(
        help: ArgumentHelp("Sign with the secret in this variable of the agent's environment.", valueName: "variable"))
    var secretEnv: [String] = []

    @Flag(help: "Do not sign callbacks.")
    var unsigned = false

    @Option(
        help: ArgumentHelp("Send \"Authorization: Bearer\" with the token in this file.", valueName: "file"))
    var bearerFile: String?

    @Option(
        help: ArgumentHelp("Send it with the token in this variable of the agent's environment.", valueName: "variable")
    )
    var bearerEnv: String?

    @Option(help: ArgumentHelp("Send \"Authorization: Basic\" with this user.", valueName: "user"))
    var basicUser: String?

    @Option(help: ArgumentHelp("With --basic-user: its password is in this file.", valueName: "file"))
    var basicFile: String?

    @Option(
        help: ArgumentHelp(
            "With --basic-user: its password is in this variable of the agent's environment.", valueName: "variable"))
    var basicEnv: String?

    @Flag(help: "Send no Authorization.")
    var noAuth = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Send this header too; may be given again.", valueName: "name: value"))
    var header: [HeaderWords] = []

    @Flag(help: "Send no headers of your own.")
    var noHeaders = false

    @Option(help: ArgumentHelp("Trust the authorities in this PEM file instead of the host's.", valueName: "file"))
    var caFile: String?

    @Option(help: ArgumentHelp("Show the receiver the certificate in this PEM file.", valueName: "file"))
    var certificateFile: String?

    @Option(
        help: ArgumentHelp("Its private key is in this one, when it is not in the certificate's.", valueName: "file"))
    var keyFile: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("The receiver has this public key; may be given again.", valueName: "sha256//…"))
    var pin: [String] = []

    @Option(help: ArgumentHelp("The oldest version of TLS to take: 1.2 or 1.3.", valueName: "version"))
    var tlsMinVersion: String?

    @Flag(help: "Of a connection, want what is wanted of every one.")
    var noTls = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Its receiver may have an address in this range, though that is refused by default; may be given again.",
            valueName: "range"))
    var allowAddress: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Send nothing to addresses in this range; may be given again.", valueName: "range"))
    var denyAddress: [String] = []

    @Flag(help: "Send to no address but public ones, and those that are allowed.")
    var publicOnly = false

    @Flag(help: "Of addresses, say nothing beside the host's own rules.")
    var hostAddresses = false

    @Option(
        help: ArgumentHelp(
            "Send through this proxy, at most 512 characters; or none, environment, or host: as \"delivery\" has it.",
            valueName: "url|word"))
    var proxy: String?

    func validate() throws {
        if let format, format != "template", template != nil || contentType != nil {
            throw ValidationError("--template and --content-type go with --format template")
        }
        if unsigned, !secretFile.isEmpty || !secretEnv.isEmpty {
            throw ValidationError("--unsigned goes without secrets")
        }
        let ways = [bearerFile, bearerEnv, basicFile, basicEnv].compactMap(\.self).count
        if ways > 1 || noAuth && ways > 0 {
            throw ValidationError("there is one way to authenticate: give one of --bearer-…, --basic-… and --no-auth")
        }
        guard (basicUser == nil) == (basicFile == nil && basicEnv == nil) else {
            throw ValidationError("--basic-user goes with --basic-file or --basic-env")
        }
        if noTls, tls != nil { throw ValidationError("--no-tls goes without words about TLS") }
        if hostAddresses, addresses != nil { throw ValidationError("--host-addresses goes without words about them") }
        if noHeaders, !header.isEmpty { throw ValidationError("--no-headers goes without --header") }
        if allDevices, scope != nil { throw ValidationError("--all-devices goes without words for some of them") }
    }

    /// Nil when nothing is said of them.
    var scope: ScopeView? {
        func given<Word>(_ words: [Word]) -> [Word]? { words.isEmpty ? nil : words }
        let scope = ScopeView(
            udids: given(udid), names: given(deviceName), platforms: given(platform)?.map(\.rawValue),
            labels: Label.dictionary(deviceLabel), ports: given(port))
        return scope.isEverything ? nil : scope
    }

    /// Nil when nothing is said of it.
    var auth: MemberEdit<AuthBody>? {
        if noAuth { return .removed }
        if let secret = Self.secret(bearerFile, bearerEnv) { return .set(AuthBody(bearer: secret)) }
        guard let basicUser, let secret = Self.secret(basicFile, basicEnv) else { return nil }
        return .set(AuthBody(basic: AuthenticationView.Basic(user: basicUser, password: secret)))
    }

    /// Who names a template means that form.
    var formatWord: String? { format ?? (template == nil ? nil : "template") }

    /// What another form has no use for is taken away.
    var templateEdit: MemberEdit<TemplateBody>? {
        if let formatWord, formatWord != "template" { return .removed }
        return template == nil && contentType == nil
            ? nil : .set(TemplateBody(file: template, contentType: contentType))
    }

    /// Nil when nothing is said of it.
    var tls: TLSBody? {
        let body = TLSBody(
            caFile: caFile, certificateFile: certificateFile, keyFile: keyFile, pins: pin.isEmpty ? nil : pin,
            minVersion: tlsMinVersion)
        return body == TLSBody() ? nil : body
    }

    /// Nil when nothing is said of them.
    var addresses: AddressesBody? {
        let body = AddressesBody(
            allow: allowAddress.isEmpty ? nil : allowAddress, deny: denyAddress.isEmpty ? nil : denyAddress,
            publicOnly: publicOnly ? true : nil)
        return body == AddressesBody() ? nil : body
    }

    private static func secret(_ file: String?, _ variable: String?) -> SecretView? {
        file.map { SecretView(file: $0) } ?? variable.map { SecretView(env: $0) }
    }

    /// Nil when nothing is said of them.
    var headers: MemberEdit<[String: String]>? {
        if noHeaders { return .removed }
        if header.isEmpty { return nil }
        return .set(Dictionary(header.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
    }

    /// Nil when nothing is said of them.
    var secrets: [SecretView]? {
        let all = secretFile.map { SecretView(file: $0) } + secretEnv.map { SecretView(env: $0) }
        return all.isEmpty && !unsigned ? nil : all
    }

    /// Each once, in the order of the spec; nil when none was given.
    var eventWords: [String]? {
        events.isEmpty ? nil : WordList.union(events)
    }

    enum Ability: String, EnumerableFlag {
        case enabled, disabled
    }
}

extension Backlog: ExpressibleByArgument {}

/// `name: value`.
struct HeaderWords: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex else { return nil }
        name = String(argument[..<colon])
        value = String(argument[argument.index(after: colon)...]).trimmingNULAndSpace()
    }
}
