internal import Glibc
internal import NIOCore
internal import NIOEmbedded
internal import NIOHTTP1

/// A connection to the agent's socket for one request, for one thread; what it does blocks.
struct ControlConnection: ~Copyable {
    private let request: ControlRequest
    private let stream: UnixStream
    private let codec: ExchangeCodec
    private var isAtEnd = false

    /// Connects, and sends the request.
    init(socket path: String, request: ControlRequest) throws(ControlFailure) {
        codec = ExchangeCodec()
        stream = try Self.stream(to: path, sending: try codec.bytes(of: request), of: request)
        self.request = request
    }

    private static func stream(
        to path: String, sending bytes: [UInt8], of request: ControlRequest
    ) throws(ControlFailure) -> UnixStream {
        let stream: UnixStream
        do {
            stream = try UnixStream(path: path, patienceSeconds: request.patienceSeconds)
        } catch {
            throw error.isAbsence
                ? .notRunning(socket: path, note: nil) : .unreachable(socket: path, errno: error.errno)
        }
        do {
            try stream.send(bytes)
        } catch {
            // An agent that refuses before it has read all has answered nevertheless: that shows in what it sent.
            if error.isTimeout { throw .silent(request: request.description, seconds: request.patienceSeconds) }
        }
        return stream
    }

    /// The next part of the answer; one that stops before its end is thrown as `lost`.
    mutating func nextPart() throws(ControlFailure) -> HTTPClientResponsePart {
        while true {
            do {
                if let part = try codec.nextPart() { return part }
            } catch {
                throw error as? HTTPParserError == .invalidEOFState
                    ? .lost(request: request.description) : .notUnderstood(request: request.description)
            }
            guard !isAtEnd else { throw .lost(request: request.description) }
            let bytes = try receive()
            isAtEnd = bytes.isEmpty
            codec.feed(bytes)
        }
    }

    private func receive() throws(ControlFailure) -> [UInt8] {
        do {
            return try stream.receive()
        } catch {
            throw error.isTimeout
                ? .silent(request: request.description, seconds: request.patienceSeconds)
                : .lost(request: request.description)
        }
    }
}

/// NIO's HTTP/1 handlers for one request and its answer, on an embedded channel: a command waits for one answer at a
/// time, and needs neither an event loop nor a second thread for that.
private final class ExchangeCodec {
    private let channel = EmbeddedChannel()
    private var failure: (any Error)?

    deinit { end() }

    func bytes(of request: ControlRequest) throws(ControlFailure) -> [UInt8] {
        do {
            return try encode(request)
        } catch {
            throw .command(problem: "\(request.description) cannot be sent: \(error)", exitCode: EX_SOFTWARE)
        }
    }

    private func encode(_ request: ControlRequest) throws -> [UInt8] {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.target)
        head.headers.add(name: "Host", value: "localhost")
        head.headers.add(name: "Connection", value: "close")
        for (name, value) in request.headers { head.headers.add(name: name, value: value) }
        if request.body != nil || request.method != .get {
            head.headers.add(name: "Content-Length", value: String(request.body?.count ?? 0))
        }
        try channel.writeOutbound(HTTPClientRequestPart.head(head))
        if let body = request.body {
            try channel.writeOutbound(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))))
        }
        try channel.writeOutbound(HTTPClientRequestPart.end(nil))
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// Takes what has come; nothing means the end of the connection.
    func feed(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return end() }
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            failure = failure ?? error
        }
    }

    /// The next part that has come; what was good before a failure comes before it.
    func nextPart() throws -> HTTPClientResponsePart? {
        if let part = try channel.readInbound(as: HTTPClientResponsePart.self) { return part }
        if let failure { throw failure }
        return nil
    }

    private func end() {
        do {
            _ = try channel.finish(acceptAlreadyClosed: true)
        } catch {
            failure = failure ?? error
        }
    }
}
