import Core
import NIOCore
import NIOHTTP1
import Linux
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct TCPListenerTests {
    private let seams = ControlServer.Seams(access: TestServer.access)

    private func isRefused(_ test: TestServer, _ tcp: String) async -> Bool {
        do {
            try await test.connection(over: tcp).end()
            return false
        } catch {
            return true
        }
    }

    @Test func tcp_IsOff_UntilItIsAskedFor_AndAfterNil() async throws {
        try await TestServer.run { test async throws in
            let tcp = try await test.serve("127.0.0.1:0", [try TCP.token("ci")])
            #expect(try await test.ask(.GET, "/healthz", over: tcp).status == 200)
            #expect(try await test.served(nil).get() == nil)
            #expect(await isRefused(test, tcp))
            #expect(try await test.served(nil).get() == nil)
            #expect(try await test.ask(.GET, "/healthz").status == 200)
        }
    }

    @Test func ipv6AndLocalhost_AreServed() async throws {
        try await TestServer.run { test async throws in
            for listen in ["[::1]:0", "localhost:0"] {
                let tcp = try await test.serve(listen, [try TCP.token("ci")])
                #expect(tcp.hasPrefix(listen == "[::1]:0" ? "[::1]:" : "127.0.0.1:"))
                #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: tcp).status == 200)
            }
        }
    }

    @Test func changedTokens_ActAtOnce_AndLeaveTheListenerAlone() async throws {
        try await TestServer.run { test async throws in
            let tcp = try await test.serve("127.0.0.1:0", [try TCP.token("old")])
            test.server.serve(http: HTTPAccess(listen: "127.0.0.1:0", tokens: [try TCP.token("new")])) { result in
                #expect(result == .success(tcp))
            }
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("old"), over: tcp).status == 401)
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("new"), over: tcp).status == 200)
        }
    }

    @Test func changedAddress_MovesTheListener() async throws {
        try await TestServer.run { test async throws in
            let old = try await test.serve("127.0.0.1:0", [try TCP.token("ci")])
            let new = try await test.serve("127.0.0.2:0", [try TCP.token("ci")])
            #expect(new.hasPrefix("127.0.0.2:"))
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: new).status == 200)
            #expect(await isRefused(test, old))
        }
    }

    @Test func addressThatIsTaken_LeavesTheOldOneServing_WithTheNewTokens() async throws {
        try await TestServer.run { other async throws in
            let taken = try await other.serve("127.0.0.1:0", [])
            try await TestServer.run { test async throws in
                let tcp = try await test.serve("127.0.0.1:0", [try TCP.token("old")])
                let result = await test.served(HTTPAccess(listen: taken, tokens: [try TCP.token("new")]))
                guard case .failure(let error) = result else {
                    Issue.record("\(taken) was bound twice")
                    return
                }
                #expect(error.address == taken)
                #expect(error.problem == "bind: Address already in use")
                #expect(error.advice.contains("control.http.listen"))
                #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("new"), over: tcp).status == 200)
                #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("old"), over: tcp).status == 401)
            }
        }
    }

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "example.com:80", "127.0.0.1", "", "10.0.0.1:80"])
    func addressThatOthersReach_IsRefused(_ listen: String) async throws {
        try await TestServer.run { test async throws in
            let result = await test.served(HTTPAccess(listen: listen, tokens: []))
            guard case .failure(let error) = result else {
                Issue.record("\(listen) is served")
                return
            }
            #expect(error.problem == "it is no host and port of this host alone")
        }
    }

    @Test func changeBeforeStart_IsMadeAtStart_AndAfterStopIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let test = TestServer(directory + "/control.sock", seams: seams)
            async let result = test.served(HTTPAccess(listen: "127.0.0.1:0", tokens: []))
            try await test.start()
            let tcp = try #require(try await result.get())
            #expect(try await test.ask(.GET, "/healthz", over: tcp).status == 200)
            await test.stop()
            #expect(await isRefused(test, tcp))
            guard case .failure = await test.served(nil) else {
                Issue.record("a stopped server has changed")
                return
            }
        }
    }

    /// The one who has asked for the reload that moves the listener gets the answer.
    @Test func answerUnderWay_IsGiven_WhenTheListenerIsClosed() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            test.agent.change { state in
                state.onReload = { _ = await test.served(nil) }
            }
            let reply = try await test.ask(.POST, "/v1/config/reload", headers: TCP.bearer("ci"), over: tcp)
            #expect(reply.status == 200)
            #expect(await isRefused(test, tcp))
        }
    }

    @Test func stream_EndsProperly_WhenTheListenerIsClosed() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            try await test.stream(headers: TCP.bearer("ci"), over: tcp) { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                #expect(try await test.served(nil).get() == nil)
                #expect(try await frames.next() == nil)
            }
            await test.agent.until { $0.subscribers.isEmpty }
        }
    }

    @Test(arguments: [true, false])
    func stream_EndsBeforeItsNextEvent_WhenItsTokenIsRevoked(_ isQuiet: Bool) async throws {
        var limits = ControlLimits()
        if isQuiet { limits.heartbeat = .milliseconds(5) }
        try await TCP.run([try TCP.token("ci")], limits: limits) { test, tcp async throws in
            try await test.stream(headers: TCP.bearer("ci"), over: tcp) { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                _ = try await test.serve("127.0.0.1:0", [try TCP.token("other")])
                if !isQuiet { test.agent.happens(.sample(1)) }
                #expect(try await frames.next() == nil)
            }
        }
    }

    /// Connections come and go while the listener does: none may be lost hold of.
    @Test func movingUnderLoad_LosesNothing() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, first async throws in
            let place = Place(first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...40 {
                        let listen = "127.0.0.\(number % 9 + 1):0"
                        let served = try await test.serve(listen, [try TCP.token("ci")])
                        place.address.withLock { $0 = served }
                    }
                    place.address.withLock { $0 = "" }
                }
                for _ in 0..<4 {
                    group.addTask { () async throws in
                        while case let tcp = place.address.withLock({ $0 }), !tcp.isEmpty {
                            // It may be gone already: what counts is that nothing traps.
                            try? await test.connection(over: tcp).end()
                            #expect(try await test.ask(.GET, "/healthz").status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private final class Place: Sendable {
        let address: Locked<String>
        init(_ address: String) { self.address = Locked(address) }
    }
}
