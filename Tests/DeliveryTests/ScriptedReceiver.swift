import Glibc
import Linux

/// A receiver on loopback that answers each request as a script says, byte for byte, and as badly as it says.
///
/// One thread serves all connections; a request is known to the test before it is answered.
final class ScriptedReceiver: Sendable {
    struct Request: Sendable {
        let line: String
        /// Names in lower case.
        let headers: [String: String]
        let body: [UInt8]
        /// Which connection it came on, from 0 in the order in which they were accepted.
        let connection: Int
    }

    enum Answer: Sendable {
        /// These bytes, and the connection stays open.
        case bytes(String)
        case bytesThenClose(String)
        case close
        case reset
        case silence
        /// A status line and a body without end.
        case endlessBody
        /// Header after header, without end.
        case endlessHeaders

        static func status(_ status: Int, _ headers: String...) -> Answer {
            let lines = ["HTTP/1.1 \(status) Scripted"] + headers + ["Content-Length: 0", "", ""]
            return .bytes(lines.joined(separator: "\r\n"))
        }
    }

    /// What to answer the nth request, from 0.
    typealias Script = @Sendable (Request, Int) -> Answer

    let port: UInt16
    /// A message for each request, for a test that waits for one.
    let arrivals: Mailbox<Void>
    private let listener: Int32
    private let stopped: Mailbox<Void>
    private let script: Script
    private let known = Locked<[Request]>([])

    var requests: [Request] { known.withLock { $0 } }
    func url(_ path: String = "/hook") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Runs a receiver for as long as `body` takes.
    static func run(_ script: @escaping Script, _ body: (ScriptedReceiver) throws -> Void) throws {
        let receiver = try ScriptedReceiver(script)
        let thread = try Thread(name: "receiver") { receiver.serve() }
        let result = Result { try body(receiver) }
        receiver.stopped.send(())
        thread.join()
        try result.get()
    }

    private init(_ script: @escaping Script) throws {
        self.script = script
        arrivals = try Mailbox()
        stopped = try Mailbox()
        (listener, port) = try Self.listen()
    }

    deinit { close(listener) }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && Glibc.listen(listener, 256) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw SystemError("listen") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func serve() {
        guard let epoll = try? Epoll() else { return }
        var connections: [Int32: Connection] = [:]
        var accepted = 0
        try? epoll.watch(listener, for: .readable)
        try? epoll.watch(stopped.descriptor, for: .readable)
        while let events = try? epoll.wait(timeout: nil) {
            if events.contains(where: { $0.descriptor == stopped.descriptor }) { break }
            for event in events {
                if event.descriptor == listener {
                    while case let socket = accept(listener, nil, nil), socket >= 0 {
                        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
                        connections[socket] = Connection(socket: socket, number: accepted)
                        accepted += 1
                        try? epoll.watch(socket, for: .readable)
                    }
                } else if connections[event.descriptor]?.proceed(event.interest, answering: answer) == false {
                    connections[event.descriptor] = nil
                } else if connections[event.descriptor]?.flood != nil {
                    try? epoll.watch(event.descriptor, for: [.readable, .writable])
                }
            }
        }
        for connection in connections.values { close(connection.socket) }
    }

    private func answer(_ request: Request) -> Answer {
        let number = known.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        arrivals.send(())
        return script(request, number)
    }
}

/// One accepted connection: what has come of the next request, and what is still poured out.
private struct Connection {
    let socket: Int32
    let number: Int
    var flood: String?
    private var received: [UInt8] = []

    init(socket: Int32, number: Int) {
        self.socket = socket
        self.number = number
    }

    /// False once it is closed.
    mutating func proceed(
        _ interest: Interest, answering answer: (ScriptedReceiver.Request) -> ScriptedReceiver.Answer
    ) -> Bool {
        if interest.contains(.writable), let flood, !send(flood) { return end() }
        guard interest.contains(.readable) else { return true }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(socket, &buffer, buffer.count)
        guard count > 0 else { return count < 0 && errno == EAGAIN ? true : end() }
        received += buffer[..<count]
        guard let request = takeRequest() else { return true }
        return give(answer(request))
    }

    private mutating func give(_ answer: ScriptedReceiver.Answer) -> Bool {
        switch answer {
        case .bytes(let text): return send(text) ? true : end()
        case .bytesThenClose(let text):
            _ = send(text)
            return end()
        case .close: return end()
        case .reset:
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
            return end()
        case .silence: return true
        case .endlessBody:
            flood = String(repeating: "all work and no play ", count: 1000)
            return send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n") ? true : end()
        case .endlessHeaders:
            flood = String(repeating: "x-filler: all work and no play\r\n", count: 1000)
            return send("HTTP/1.1 503 Unavailable\r\n") ? true : end()
        }
    }

    /// False when the other side is gone; what a full socket does not take is left out.
    private func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) >= 0 || errno == EAGAIN
    }

    private func end() -> Bool {
        close(socket)
        return false
    }

    private mutating func takeRequest() -> ScriptedReceiver.Request? {
        guard let headEnd = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: received[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let length = headers["content-length"].flatMap(Int.init) ?? 0
        guard received.count >= headEnd.upperBound + length else { return nil }
        let body = Array(received[headEnd.upperBound..<headEnd.upperBound + length])
        received.removeFirst(headEnd.upperBound + length)
        return .init(line: String(lines.first ?? ""), headers: headers, body: body, connection: number)
    }
}
