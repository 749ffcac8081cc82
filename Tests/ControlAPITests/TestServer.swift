import Dispatch
import Foundation
import Linux
import Logging
import TestSupport
import Testing

@testable import ControlAPI

/// A live server on a socket of its own, with an agent in memory.
struct TestServer: Sendable {
    /// What the kernel would tell of a caller.
    enum Peer {
        static let root = PeerCredentials(pid: 1, uid: 0, gid: 0, groups: [])
        static let admin = PeerCredentials(pid: 1, uid: 1000, gid: 1000, groups: [27, 900])
        static let viewer = PeerCredentials(pid: 1, uid: 1001, gid: 901, groups: [])
        static let stranger = PeerCredentials(pid: 1, uid: 1002, gid: 1002, groups: [27])
        static let service = PeerCredentials(pid: 1, uid: 77, gid: 77, groups: [])
    }

    static let access = Access(adminGroup: 900, viewGroup: 901, agentUser: 77)

    let agent = InMemoryAgent()
    let server: ControlServer
    let page: PageAccess
    let socket: String

    static func run(
        as peer: PeerCredentials = Peer.root, limits: ControlLimits = ControlLimits(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(seams: seams(for: peer), limits: limits, body)
    }

    static func seams(for peer: PeerCredentials) -> ControlServer.Seams {
        var seams = ControlServer.Seams(access: access)
        seams.credentials = { _ throws(SystemError) in peer }
        seams.userName = { $0 == 1000 ? "anna" : nil }
        return seams
    }

    /// The next connection is not set up before the test lets it: its request is there when its time begins to count.
    static func runHoldingConnections(
        limits: ControlLimits, _ body: (TestServer, Hold) async throws -> Void
    ) async throws {
        let hold = Hold()
        var seams = ControlServer.Seams(access: access)
        seams.credentials = { _ throws(SystemError) in
            hold.wait()
            return Peer.root
        }
        try await run(seams: seams, limits: limits) { test async throws in try await body(test, hold) }
    }

    /// Waits on the server's event loop, which has a thread of its own.
    struct Hold: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func wait() { semaphore.wait() }
        func release() { semaphore.signal() }
    }

    static func run(
        seams: ControlServer.Seams, limits: ControlLimits = ControlLimits(), _ body: (TestServer) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let test = TestServer(directory + "/run/control.sock", seams: seams, limits: limits)
            try await test.start()
            do {
                try await body(test)
            } catch {
                await test.stop()
                throw error
            }
            await test.stop()
        }
    }

    init(_ socket: String, seams: ControlServer.Seams, limits: ControlLimits = ControlLimits()) {
        self.socket = socket
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .trace
        page = PageAccess(now: seams.now)
        server = ControlServer(
            socket: socket, agent: agent, page: page, logger: logger, limits: limits, seams: seams)
    }

    /// On a thread of its own, as the agent does it.
    func start() async throws {
        let result: Result<Void, ControlServerError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "agent").async { [server] in
                continuation.resume(returning: Result { () throws(ControlServerError) in try server.start() })
            }
        }
        try result.get()
    }

    func stop() async {
        server.stop()
        await server.stopped()
    }
}
