import NIOCore
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct ErrorTests {
    @Test func unknownPathAndWrongMethod_AreTold() async throws {
        try await TestServer.run { test async throws in
            let unknown = try await test.ask(.GET, "/v1/webhook")
            #expect(unknown.status == 404)
            #expect(try unknown.problem.detail.contains("Did you mean /v1/webhooks"))
            let wrong = try await test.ask(.DELETE, "/v1/webhooks")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == ["GET, POST, HEAD"])
            #expect(try wrong.problem.type == "/problems/method-not-allowed")
        }
    }

    @Test(arguments: [
        ("/v1/events?limit=1001", "limit must be a whole number, from 1 to 1000."),
        ("/v1/events?after=-1", "after must be a whole number, 0 or more."),
        ("/v1/events?limit=1&limit=2", "limit is given twice; give it once."),
        ("/v1/events?stauts=x", "There is no query parameter stauts here; there are after, before, device, limit."),
        ("/v1/status?x=1", "There is no query parameter x here; there is none at all."),
        ("/v1/devices?status=gone", "status must be one of online, offline, utilizing, unplugged."),
        ("/v1/events?device=", "device must not be empty; leave it out."),
        (
            "/v1/deliveries?since=yesterday",
            "since must be a date and time with its offset, like 2027-01-01T00:00:00Z."
        ),
        (
            "/v1/deliveries?until=2027-02-30T00:00:00Z",
            "until must be a date and time with its offset, like 2027-01-01T00:00:00Z."
        ),
    ])
    func wrongQuery_IsNamed(path: String, detail: String) async throws {
        try await TestServer.run { test async throws in
            let reply = try await test.ask(.GET, path)
            #expect(reply.status == 400)
            #expect(try reply.problem.detail == detail)
        }
    }

    @Test func wrongLastEventID_IsNamed() async throws {
        try await TestServer.run { test async throws in
            let reply = try await test.ask(.GET, "/v1/events/stream", headers: ["last-event-id": "x"])
            #expect(reply.status == 400)
            #expect(try reply.problem.detail.contains("Last-Event-ID"))
        }
    }

    @Test func agentsRefusals_HaveTheirStatus() async throws {
        let fault = FaultView(pointer: "/url", line: 1, column: 9, problem: "no URL", advice: "give one")
        let refusals: [(ControlError, Int)] = [
            (.notFound(what: "webhook 1", nearest: nil), 404), (.invalid([fault]), 422),
            (.conflict(problem: "The name is taken.", advice: "Take another."), 409), (.changedMeanwhile, 412),
            (.unavailable(problem: "The disk is full.", advice: "Make room."), 503),
        ]
        try await TestServer.run { test async throws in
            for (refusal, status) in refusals {
                test.agent.change { $0.refusal = refusal }
                let reply = try await test.ask(.PUT, "/v1/webhooks/1", json: "{}")
                #expect(reply.status == status)
                #expect(try reply.problem.faults == (status == 422 ? [fault] : nil))
            }
            #expect(try await test.ask(.GET, "/v1/events").status == 503)
            #expect(try await test.ask(.GET, "/v1/events/stream?after=1").status == 503)
            await test.agent.until { $0.subscribers.isEmpty }
        }
    }

    @Test func bodyOfAnotherType_IsRefused() async throws {
        try await TestServer.run { test async throws in
            let form = "application/x-www-form-urlencoded"
            #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}", type: form).status == 415)
            let merge = "application/merge-patch+json"
            #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}", type: merge).status == 415)
            let charset = "application/json; charset=utf-8"
            #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}", type: charset).status == 201)
            #expect(try await test.ask(.POST, "/v1/webhooks").status == 415)
        }
    }

    @Test func largestBody_IsTaken_AndOneMoreIsNot() async throws {
        try await TestServer.run { test async throws in
            let largest = String(repeating: " ", count: 65_536)
            #expect(try await test.ask(.POST, "/v1/webhooks", json: largest).status == 201)
            #expect(try await test.ask(.POST, "/v1/webhooks", json: largest + " ").status == 413)
        }
    }

    @Test func bodyWithoutALength_IsBoundedToo() async throws {
        try await TestServer.run { test async throws in
            let chunk = "4000\r\n\(String(repeating: " ", count: 0x4000))\r\n"
            let said = try await test.say(
                "POST /v1/webhooks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n\(String(repeating: chunk, count: 5))")
            #expect(said.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func bodyThatDoesNotCome_IsWaitedForOnlySoLong() async throws {
        var limits = ControlLimits()
        limits.bodyTime = .milliseconds(20)
        try await TestServer.run(limits: limits) { test async throws in
            let said = try await test.say(
                "POST /v1/webhooks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
            #expect(said.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func headersBeyondTheLimit_AndWhatIsNoHTTP_EndTheConnection() async throws {
        try await TestServer.run { test async throws in
            let long = String(repeating: "a", count: 20_000)
            #expect(try await test.say("GET /healthz HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n").contains("400"))
            #expect(try await test.say("what?\r\n\r\n").contains("400"))
        }
    }

    @Test func idleConnection_IsClosed() async throws {
        var limits = ControlLimits()
        limits.idleTime = .milliseconds(20)
        try await TestServer.run(limits: limits) { test async throws in #expect(try await test.say("") == "") }
    }

    @Test func connectionThatIsIdleAfterAnAnswer_IsClosed() async throws {
        var limits = ControlLimits()
        // Long enough for a busy machine to answer in.
        limits.idleTime = .seconds(2)
        try await TestServer.runHoldingConnections(limits: limits) { test, hold async throws in
            let connection = try await test.connection()
            try await connection.executeThenClose { inbound, _ async throws in
                try await connection.channel.writeAndFlush(
                    ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
                hold.release()
                var said = ""
                for try await bytes in inbound { said += String(buffer: bytes) }
                #expect(said.hasSuffix(#"{"status":"ok"}"#))
            }
        }
    }

    @Test func twoHundredIdleConnections_LeaveRoom() async throws {
        try await TestServer.run { test async throws in
            var idle: [TestServer.Bytes] = []
            for _ in 0..<200 { idle.append(try await test.connection()) }
            #expect(try await test.ask(.GET, "/v1/status").status == 200)
            for connection in idle { try await connection.end() }
        }
    }

    /// Whoever may do nothing may still connect, and must not keep others out by doing so.
    @Test func connectionsBeyondTheLimit_AreTurnedAway() async throws {
        var limits = ControlLimits()
        limits.connectionsOfStrangers = 2
        try await TestServer.run(as: TestServer.Peer.stranger, limits: limits) { test async throws in
            let first = try await test.connection()
            let second = try await test.connection()
            let said = try await test.say("")
            #expect(said.hasPrefix("HTTP/1.1 503 "))
            #expect(said.contains("too many connections"))
            try await first.end()
            try await second.end()
        }
    }
}
