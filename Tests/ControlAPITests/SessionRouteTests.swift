import Core
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct SessionRouteTests {
    private let order = #"{"device":"a"}"#

    @Test func session_isStartedListedKeptAndEnded() async throws {
        try await TestServer.run(as: TestServer.Peer.viewer) { test async throws in
            let reply = try await test.ask(.POST, "/v1/sessions", json: order)
            #expect(reply.status == 201)
            let started: SessionView = try reply.decoded()
            #expect(started.id.wholeMatch(of: /ses_[0-9a-f]{32}/) != nil)
            #expect(reply.headers.first(name: "location") == "/v1/sessions/\(started.id)")
            let list: SessionList = try await test.ask(.GET, "/v1/sessions").decoded()
            #expect(list.sessions.map(\.id) == [started.id] && list.waiting.isEmpty)
            let one: SessionView = try await test.ask(.GET, "/v1/sessions/\(started.id)").decoded()
            #expect(one == started)
            #expect(try await test.ask(.POST, "/v1/sessions/\(started.id)/heartbeat").status == 200)
            let ended: SessionView = try await test.ask(.DELETE, "/v1/sessions/\(started.id)").decoded()
            #expect(ended.endReason == "released")
            #expect(try await test.ask(.GET, "/v1/sessions/\(started.id)").status == 404)
            #expect(try await test.ask(.DELETE, "/v1/sessions/\(started.id)").status == 404)
            test.agent.change {
                let who = "uid 1001"
                #expect(
                    $0.audit == [
                        "\(who): start, pid known, may revoke: false", "\(who): heartbeat", "\(who): end",
                    ])
                #expect($0.left.isEmpty, "an answer was given: its connection may go")
            }
        }
    }

    @Test func list_isOfOnePhone_underItsUDIDOrItsName() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.sessions = [.sample(id: "1")] }
            for (device, count) in [("a", 1), ("Phone%20a", 1), ("b", 0)] {
                let list: SessionList = try await test.ask(.GET, "/v1/sessions?device=\(device)").decoded()
                #expect(list.sessions.count == count, "\(device)")
            }
        }
    }

    @Test func refusals_areProblems() async throws {
        try await TestServer.run { test async throws in
            let refusals: [(ControlError, Int)] = [
                (.conflict(problem: "The phone is held by ann.", advice: "Wait."), 409),
                (.forbidden(problem: "It was started by ann.", advice: "Ask her."), 403),
                (.unavailable(problem: "Too many wait.", advice: "Later."), 503),
                (.notFound(what: "device x", nearest: "a"), 404), (.invalid([]), 422),
            ]
            for (refusal, status) in refusals {
                test.agent.change { $0.startRefusal = refusal }
                let reply = try await test.ask(.POST, "/v1/sessions", json: order)
                #expect(reply.status == status)
                #expect(try !reply.problem.detail.isEmpty)
            }
            #expect(try await test.ask(.POST, "/v1/sessions").status == 415)
            #expect(test.agent.change { $0.sessions.isEmpty })
        }
    }

    /// Nobody is there to take the phone: whatever the agent says then.
    @Test func waitingCaller_whoCloses_isTakenOut() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.mayStart = false }
            let connection = try await test.connection()
            try await connection.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: request(order)))
                await test.agent.until { _ in true }
            }
            await test.agent.until { !$0.left.isEmpty }
            await test.agent.until { $0.sessions.isEmpty }
        }
    }

    @Test func waitingCaller_getsItsPhone_whenThereIsOne() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.mayStart = false }
            async let reply = test.ask(.POST, "/v1/sessions", json: order)
            // Others are answered meanwhile.
            #expect(try await test.ask(.GET, "/v1/sessions").status == 200)
            test.agent.change { $0.mayStart = true }
            #expect(try await reply.status == 201)
            #expect(test.agent.change { $0.left.isEmpty })
        }
    }

    @Test func heldSession_endsWithItsConnection() async throws {
        try await TestServer.run { test async throws in
            let connection = try await test.connection()
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request(#"{"device":"a","boundTo":"connection"}"#)))
                var said = ""
                for try await bytes in inbound {
                    said += String(buffer: bytes)
                    if said.contains("}\n") { break }
                }
                #expect(said.hasPrefix("HTTP/1.1 201 ") && said.contains("application/x-ndjson"))
                #expect(test.agent.change { $0.sessions.count } == 1)
            }
            await test.agent.until { $0.sessions.isEmpty && $0.left.count == 1 }
        }
    }

    @Test func heldSession_saysHowItEnded() async throws {
        try await TestServer.run { test async throws in
            let said = Task { try await test.say(request(#"{"device":"a","boundTo":"connection"}"#)) }
            await test.agent.until { $0.sessions.count == 1 }
            test.agent.change { $0.sessions = [] }
            let text = try await said.value
            #expect(text.contains(#""endReason":"revoked""#))
            // The chunk that ends the answer: it is whole.
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func lostSession_isHeldAgain() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.sessions = [.sample(id: "1", boundTo: "connection")] }
            let said = Task {
                try await test.say("POST /v1/sessions/1/hold HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")
            }
            await test.agent.until { $0.audit == ["uid 0: hold"] }
            test.agent.change { $0.sessions = [] }
            #expect(try await said.value.hasPrefix("HTTP/1.1 200 "))
        }
    }

    private func request(_ json: String) -> String {
        "POST /v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            + "content-length: \(json.utf8.count)\r\n\r\n\(json)"
    }
}
