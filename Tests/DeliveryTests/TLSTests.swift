import Core
import Glibc
import Linux
import Testing

@Suite(.enabled(if: access(OpenSSL.path, X_OK) == 0, "needs openssl"))
struct TLSTests {
    @Test func certificate_ThatNobodyVouchesFor_IsRefused_BeforeAnythingIsSent() throws {
        try OpenSSL.runServer { port in
            let harness = try Harness([.example(url: "https://127.0.0.1:\(port)/hooks/S3CRET")])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let attempt = try #require(harness.attempts.first)
            #expect(attempt.outcome == .tls)
            #expect(attempt.wireSends == 0)
            #expect(attempt.detail.contains("certificate"), "\(attempt.detail)")
            #expect(!attempt.detail.contains("S3CRET"))
        }
    }
}

/// A TLS server with a certificate that it signed itself: the tool's own, as a child process.
private enum OpenSSL {
    struct NoServer: Error {}

    static let path = "/usr/bin/openssl"

    static func runServer(_ body: (UInt16) throws -> Void) throws {
        let file = "/tmp/plughook-tls-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { unlink(file) }
        let request = try Child([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", file,
        ])
        while request.readLine() != nil {}
        let server = try Child(["s_server", "-accept", "127.0.0.1:0", "-cert", file, "-key", file, "-www"])
        while let line = server.readLine() {
            guard line.hasPrefix("ACCEPT"), let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
                continue
            }
            return try body(port)
        }
        throw NoServer()
    }
}

/// A child process with its standard output at hand; killed when it goes.
private struct Child: ~Copyable {
    private let id: pid_t
    private let output: OwnedDescriptor

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError("pipe") }
        defer { close(ends[1]) }
        let output = try OwnedDescriptor(ends[0], from: "pipe")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var words = ([OpenSSL.path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, OpenSSL.path, &actions, nil, &words, environ)
        guard code == 0 else { throw SystemError("posix_spawn", code: code) }
        self.id = id
        self.output = output
    }

    deinit {
        // Not SIGTERM: a child inherits the signal mask, and the threads that tests run on block it.
        kill(id, SIGKILL)
        waitpid(id, nil, 0)
    }

    /// The next line of output; nil at its end.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output.raw, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
