import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import ControlAPI

struct Reply: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    func decoded<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(body))
    }
    var problem: ProblemView {
        get throws {
            #expect(headers.first(name: "content-type") == "application/problem+json")
            let problem: ProblemView = try decoded()
            #expect(problem.status == status)
            return problem
        }
    }
}

extension TestServer {
    typealias Parts = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// One request on a connection of its own. What is answered must be in the OpenAPI document.
    @discardableResult
    func ask(
        _ method: HTTPMethod, _ path: String, json: String? = nil, type: String = "application/json",
        headers: HTTPHeaders = [:], over tcp: String? = nil
    ) async throws -> Reply {
        var headers = headers
        if json != nil { headers.replaceOrAdd(name: "content-type", value: type) }
        let reply = try await connect(method, path, json: json, headers: headers, over: tcp) { inbound in
            var reply = Reply(status: 0, headers: [:], body: [])
            for try await part in inbound {
                switch part {
                case .head(let head): (reply.status, reply.headers) = (Int(head.status.code), head.headers)
                case .body(let bytes): reply.body += Array(buffer: bytes)
                case .end: return reply
                }
            }
            return reply
        }
        try Description.expects(method.rawValue, path, answers: reply.status)
        return reply
    }

    /// Reads the server-sent events as long as `body` wants them.
    func stream(
        _ path: String = "/v1/events/stream", headers: HTTPHeaders = [:], over tcp: String? = nil,
        _ body: @escaping @Sendable (inout Frames) async throws -> Void
    ) async throws {
        try await connect(.GET, path, json: nil, headers: headers, over: tcp) { inbound in
            var frames = Frames(parts: inbound.makeAsyncIterator())
            try await body(&frames)
        }
    }

    struct Frames {
        var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
        private var text = ""

        init(parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator) { self.parts = parts }

        /// The next that is no comment: a heartbeat comes whenever the machine is slow. Nil when the server has closed the
        /// connection.
        mutating func next() async throws -> String? {
            while true {
                if let end = text.range(of: "\n\n") {
                    let frame = String(text[..<end.lowerBound])
                    text.removeSubrange(..<end.upperBound)
                    if frame.hasPrefix(":") { continue }
                    return frame
                }
                guard let part = try await parts.next() else { return nil }
                switch part {
                case .head(let head): #expect(head.status == .ok)
                case .body(let bytes): text += String(buffer: bytes)
                case .end: return nil
                }
            }
        }

        mutating func next(_ count: Int) async throws -> [String] {
            var frames: [String] = []
            while frames.count < count, let frame = try await next() { frames.append(frame) }
            return frames
        }
    }

    private func connect<T: Sendable>(
        _ method: HTTPMethod, _ path: String, json: String?, headers: HTTPHeaders, over tcp: String?,
        _ read: @escaping @Sendable (NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> T
    ) async throws -> T {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try address(tcp)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Parts(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var headers = headers
            if !headers.contains(name: "host") { headers.add(name: "host", value: "localhost") }
            if let json { headers.replaceOrAdd(name: "content-length", value: "\(json.utf8.count)") }
            try await outbound.write(.head(.init(version: .http1_1, method: method, uri: path, headers: headers)))
            if let json { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: json)))) }
            try await outbound.write(.end(nil))
            return try await read(inbound)
        }
    }

    /// A connection that says only what it is told to.
    func connection(over tcp: String? = nil) async throws -> Bytes {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try address(tcp)) { channel in
                channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
            }
    }

    /// All that the server says until it closes the connection.
    func say(_ text: String, over tcp: String? = nil) async throws -> String {
        try await connection(over: tcp).executeThenClose { inbound, outbound in
            if !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
            var said = ""
            for try await bytes in inbound { said += String(buffer: bytes) }
            return said
        }
    }

    /// The socket, or host and port.
    private func address(_ tcp: String?) throws -> SocketAddress {
        guard let tcp else { return try SocketAddress(unixDomainSocketPath: socket) }
        let host = try #require(LoopbackHost(tcp))
        return try SocketAddress(ipAddress: host.ipAddress, port: try #require(host.port))
    }
}

extension NIOAsyncChannel where Inbound: Sendable, Outbound: Sendable {
    /// Closes it; to let go of one that is open would trap.
    func end() async throws { try await executeThenClose { _, _ in } }
}
