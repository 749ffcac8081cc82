internal import ArgumentParser
internal import Core
internal import Glibc
internal import NIOCore
internal import PlughookConfiguration

struct Listen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A local receiver: shows the callbacks that come and answers as told.",
        discussion: """
            To try the agent without a server of your own: give a webhook the URL that is printed first. Answers 200, \
            unless told otherwise. Ends on SIGINT and SIGTERM with 0.

            EXAMPLES
              plughook listen
              plughook listen --json --listen 127.0.0.1:0
              plughook listen --status-sequence 500,503,200 --delay 100
              plughook listen --secret-file ci-secret
              plughook listen --tls-certificate lab.pem --tls-key lab.key
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen: a loopback address and a port; port 0 takes any that is free.", valueName: "host:port"))
    var listen = ListenAddress.standard

    @Flag(help: "One JSON object a line for each request: when it was complete, what it said, what was answered.")
    var json = false

    @Option(help: ArgumentHelp("Answer with this status, 200 to 599.", valueName: "status"))
    var status: Int?

    @Option(
        help: ArgumentHelp(
            "Answer with these, one after the other, like 500,500,200; the last one is then repeated for ever.",
            valueName: "statuses"))
    var statusSequence: StatusSequence?

    @Option(help: ArgumentHelp("Wait so many milliseconds before each answer.", valueName: "ms"))
    var delay: Int = 0

    @Flag(help: "Close the connection without an answer.")
    var drop = false

    @Option(
        help: ArgumentHelp(
            "Verify signatures with the secret in this file; what is not signed by it is answered with 401.",
            valueName: "file"))
    var secretFile: String?

    @Option(
        help: ArgumentHelp(
            "Serve https with the certificate in this PEM file, which those that vouch for it may follow.",
            valueName: "file"))
    var tlsCertificate: String?

    @Option(
        help: ArgumentHelp(
            "The certificate's private key, a PEM file; without it, the key is in the certificate's file.",
            valueName: "file"))
    var tlsKey: String?

    func validate() throws {
        guard listen.isLoopback else {
            throw ValidationError(
                "--listen \(listen) can be reached from other hosts; give 127.0.0.1 or [::1] and a port")
        }
        if status != nil, statusSequence != nil {
            throw ValidationError("--status and --status-sequence exclude each other; give one")
        }
        if drop, status != nil || statusSequence != nil || delay != 0 {
            throw ValidationError("--drop answers nothing: it goes with no status and no delay")
        }
        if tlsKey != nil, tlsCertificate == nil {
            throw ValidationError("--tls-key has no certificate; give it with --tls-certificate")
        }
        if let status, !StatusSequence.allowed.contains(status) {
            throw ValidationError("--status \(status) is no final status; give one from 200 to 599")
        }
        guard (0...3_600_000).contains(delay) else {
            throw ValidationError("--delay \(delay) is out of range; give 0 to 3600000 (an hour)")
        }
    }

    private func key() throws -> SigningKey? {
        guard let secretFile else { return nil }
        return try orExit {
            try SecretReference(.file(secretFile.contains("/") ? secretFile : "./" + secretFile)).key()
        }
    }

    private func tls() throws -> ServingContext? {
        guard let tlsCertificate else { return nil }
        return try orExit { try ServingContext(certificate: tlsCertificate, key: tlsKey ?? tlsCertificate) }
    }

    /// The end of the program with 78 when it cannot be had.
    private func orExit<Value>(_ load: () throws -> Value) throws -> Value {
        do {
            return try load()
        } catch {
            complain("\(error)")
            throw ExitCode(EX_CONFIG)
        }
    }

    func run() throws {
        let statuses = statusSequence?.statuses ?? [status ?? 200]
        let answers = AnswerPlan(statuses: statuses, delayMilliseconds: delay, isDropping: drop)
        let receiver = Receiver(address: listen, answers: answers, isJSON: json, key: try key(), tls: try tls())
        do {
            try receiver.run()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            complain("cannot listen on \(listen): \(reason); give another port with --listen, 0 takes a free one")
            throw ExitCode(EX_UNAVAILABLE)
        }
    }
}
