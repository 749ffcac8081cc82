import Glibc
import Linux

@testable import Sensors

/// An adb server on loopback that answers each request as a script says, byte for byte.
///
/// It has no thread: the test's loop turns it, as it turns the sensor.
final class ScriptedADBServer {
    struct Request: Equatable {
        let text: String
        /// Which connection it came on, from 0 in the order in which they were accepted.
        let connection: Int
        /// The request before it on its connection.
        let before: String?
    }

    enum Answer {
        /// These bytes, and the connection stays open.
        case bytes(String)
        case bytesThenClose(String)
        case silence
    }

    private struct Connection {
        let number: Int
        var reader = ADBReplyReader()
        var last: String?
    }

    let port: UInt16
    private(set) var requests: [Request] = []
    private let script: (Request) -> Answer
    private let epoll: Epoll
    private var listener: Int32 = -1
    private var connections: [Int32: Connection] = [:]
    private var accepted = 0

    var address: String { "127.0.0.1:\(port)" }
    var descriptor: Int32 { epoll.descriptor }
    /// Those that the sensor has open.
    var openConnections: Set<Int> { Set(connections.values.map(\.number)) }

    /// On a port of its own, or on the one that another had.
    init(at host: String = "127.0.0.1", port: UInt16 = 0, _ script: @escaping (Request) -> Answer) throws {
        self.script = script
        epoll = try Epoll()
        (listener, self.port) = try Self.listen(host, port)
        try epoll.watch(listener, for: .readable)
    }

    deinit { stop() }

    /// Ends as a killed server does: nothing listens any more, and all connections end.
    func stop() {
        if listener >= 0 { close(listener) }
        listener = -1
        for socket in connections.keys { close(socket) }
        connections = [:]
    }

    func send(_ bytes: [UInt8], on number: Int) {
        for (socket, connection) in connections where connection.number == number {
            _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Serves what has come, without waiting.
    func process() throws {
        for event in try epoll.wait(timeout: .zero) {
            if event.descriptor == listener {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { continue }
                _ = fcntl(socket, F_SETFL, O_NONBLOCK)
                connections[socket] = Connection(number: accepted)
                accepted += 1
                try epoll.watch(socket, for: .readable)
            } else {
                try receive(from: event.descriptor)
            }
        }
    }

    private func receive(from socket: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return end(socket) }
        connections[socket]?.reader.append(buffer[..<count])
        while let text = try connections[socket]?.reader.takeText() {
            answer(String(decoding: text, as: UTF8.self), socket)
        }
    }

    private func answer(_ text: String, _ socket: Int32) {
        guard let connection = connections[socket] else { return }
        let request = Request(text: text, connection: connection.number, before: connection.last)
        requests.append(request)
        connections[socket]?.last = text
        switch script(request) {
        case .bytes(let text): send(Array(text.utf8), on: connection.number)
        case .bytesThenClose(let text):
            send(Array(text.utf8), on: connection.number)
            end(socket)
        case .silence: break
        }
    }

    private func end(_ socket: Int32) {
        close(socket)
        connections[socket] = nil
    }

    private static func listen(_ host: String, _ port: UInt16) throws -> (Int32, UInt16) {
        guard let address = ADBServerAddress.Candidate(host, port: port) else { throw SystemError("inet_pton") }
        let listener = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        let isListening = address.withSocketAddress { bind(listener, $0, $1) == 0 && Glibc.listen(listener, 64) == 0 }
        // Of both families: the port stands at the same place.
        var bound = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isKnown = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) == 0 }
        }
        guard isListening && isKnown else { throw SystemError("listen") }
        return (listener, UInt16(bigEndian: bound.sin6_port))
    }
}
