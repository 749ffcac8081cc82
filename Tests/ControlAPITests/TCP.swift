import Core
import Linux
import NIOHTTP1
import Synchronization
import Testing

@testable import ControlAPI

/// Tokens as a configuration has them, and a server that listens on a free port.
enum TCP {
    static func token(
        _ name: String, _ permissions: Set<Permission> = Set(Permission.allCases), secret: String? = nil,
        expires: WallTime? = nil
    ) throws -> AccessToken {
        AccessToken(
            name: name, digest: try #require(TokenDigest(of: secret ?? "secret of \(name)")), permissions: permissions,
            expires: expires)
    }

    static func bearer(_ name: String) -> HTTPHeaders { ["authorization": "Bearer secret of \(name)"] }

    static func run(
        _ tokens: [AccessToken], as peer: PeerCredentials = TestServer.Peer.root,
        limits: ControlLimits = ControlLimits(),
        clock: Clock = Clock(),
        _ body: (TestServer, String) async throws -> Void
    ) async throws {
        var seams = TestServer.seams(for: peer)
        seams.now = { clock.time }
        try await TestServer.run(seams: seams, limits: limits) { test async throws in
            try await body(test, try await test.serve("127.0.0.1:0", tokens))
        }
    }

    final class Clock: Sendable {
        private let milliseconds = Atomic<Int64>(0)
        var time: WallTime { WallTime(milliseconds: milliseconds.load(ordering: .relaxed)) }
        func set(_ time: Int64) { milliseconds.store(time, ordering: .relaxed) }
    }
}

extension TestServer {
    func served(_ http: HTTPAccess?) async -> Result<String?, ControlServerError> {
        await withCheckedContinuation { continuation in
            server.serve(http: http) { continuation.resume(returning: $0) }
        }
    }

    func serve(_ listen: String, _ tokens: [AccessToken]) async throws -> String {
        try #require(try await served(HTTPAccess(listen: listen, tokens: tokens)).get())
    }
}
