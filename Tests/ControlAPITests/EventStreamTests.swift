import NIOCore
import Linux
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct EventStreamTests {
    private func id(_ frame: String) -> String { String(frame.prefix { $0 != "\n" }) }

    @Test func event_IsOneFrame() async throws {
        try await TestServer.run { test async throws in
            try await test.stream { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                test.agent.happens(.sample(7))
                let lines = try await frames.next()?.split(separator: "\n").map(String.init)
                #expect(lines?[0] == "id: 7")
                #expect(lines?[1] == "event: status")
                #expect(lines?[2].hasPrefix(#"data: {"at":"2026-01-01T00:00:00.000Z""#) == true)
                #expect(lines?.count == 3)
            }
        }
    }

    /// Events go on happening while the reader comes back again and again, each time with the last id that it has.
    @Test func resumingReader_GetsEachEventOnce() async throws {
        try await TestServer.run { test async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in Int64(1)...3_000 {
                        test.agent.happens(.sample(number))
                        await Task.yield()
                    }
                }
                var last = 0
                var isHeader = false
                while last < 3_000 {
                    let from = last
                    let (path, headers): (String, [(String, String)]) =
                        isHeader
                        ? ("/v1/events/stream", [("last-event-id", "\(from)")])
                        : ("/v1/events/stream?after=\(from)", [])
                    isHeader.toggle()
                    let seen = Counter()
                    try await test.stream(path, headers: .init(headers)) { frames in
                        for number in (from + 1)...min(from + 137, 3_000) {
                            let frame = try await frames.next() ?? "closed"
                            #expect(frame.hasPrefix("id: \(number)\n"))
                            seen.value.withLock { $0 = number }
                        }
                    }
                    last = seen.value.withLock { $0 }
                    guard last > from else { break }
                }
                #expect(last == 3_000)
                try await group.waitForAll()
            }
        }
    }

    private final class Counter: Sendable {
        let value = Locked(0)
    }

    @Test func idOlderThanTheHistory_IsToldTheGap() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.history = (10...12).map { .sample($0) } }
            try await test.stream("/v1/events/stream?after=4") { frames in
                let first = try await frames.next() ?? ""
                #expect(first.hasPrefix("event: gap\n"))
                #expect(first.contains(#""first":5"#) && first.contains(#""last":9"#))
                #expect(try await frames.next(3).map(id) == ["id: 10", "id: 11", "id: 12"])
            }
        }
    }

    @Test func idNewerThanTheHistory_IsToldSo() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.history = [.sample(1)] }
            try await test.stream("/v1/events/stream", headers: ["last-event-id": "9"]) { frames in
                let first = try await frames.next() ?? ""
                #expect(first.contains("its state was replaced"))
                test.agent.happens(.sample(2))
                #expect(try await frames.next().map(id) == "id: 2")
            }
        }
    }

    @Test func quietStream_HasHeartbeats() async throws {
        var limits = ControlLimits()
        // So far apart that no pause of a busy machine is an idle time.
        limits.heartbeat = .milliseconds(20)
        limits.idleTime = .seconds(3)
        try await TestServer.runHoldingConnections(limits: limits) { test, hold async throws in
            let connection = try await test.connection()
            try await connection.executeThenClose { inbound, _ async throws in
                try await connection.channel.writeAndFlush(
                    ByteBuffer(string: "GET /v1/events/stream HTTP/1.1\r\nHost: x\r\n\r\n"))
                hold.release()
                // More of them than the idle time is long: a stream is not idle.
                var said = ""
                for try await bytes in inbound {
                    said += String(buffer: bytes)
                    if said.matches(of: /: still here/).count >= 200 { break }
                }
                #expect(said.matches(of: /: still here/).count >= 200)
            }
        }
    }

    @Test func readerThatLeaves_IsNoticed() async throws {
        try await TestServer.run { test async throws in
            try await test.stream { _ in await test.agent.until { $0.subscribers.count == 1 } }
            await test.agent.until { $0.subscribers.isEmpty }
            #expect(test.agent.change { $0.nextSubscriber } == 1)
        }
    }

    /// It takes nothing at all: neither the notice nor the end reaches it, and the connection is closed all the same.
    @Test func stalledReader_IsCutOff() async throws {
        var limits = ControlLimits()
        limits.heartbeat = .milliseconds(5)
        limits.waitingEvents = 10
        try await TestServer.run(limits: limits) { test async throws in
            let connection = try await test.connection()
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /v1/events/stream HTTP/1.1\r\nHost: x\r\n\r\n"))
                await test.agent.until { !$0.subscribers.isEmpty }
                let name = String(repeating: "x", count: 10_000)
                var number: Int64 = 0
                while test.agent.change({ !$0.subscribers.isEmpty }) {
                    number += 1
                    test.agent.happens(.sample(number, name: name))
                    await Task.yield()
                }
                // What fitted into the sockets is there, and then the end.
                for try await _ in inbound {}
            }
            await test.server.connections.untilNone()
        }
    }

    /// It reads again after it was cut off: it gets what waited, is told why it ends, and may come back.
    @Test func slowReader_IsToldThatItIsCutOff() async throws {
        var limits = ControlLimits()
        limits.waitingEvents = 10
        try await TestServer.run(limits: limits) { test async throws in
            let name = String(repeating: "x", count: 10_000)
            try await test.stream { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                var number: Int64 = 0
                while test.agent.change({ state in !state.subscribers.values.contains { $0.isCutOff.isSet } }) {
                    number += 1
                    test.agent.happens(.sample(number, name: name))
                    if test.agent.change({ $0.subscribers.isEmpty }) { break }
                    await Task.yield()
                }
                var last = ""
                while let frame = try await frames.next() { last = frame }
                #expect(last.hasPrefix("event: cutoff\n"))
            }
        }
    }

    @Test func stop_EndsEveryStream() async throws {
        try await TestServer.run { test async throws in
            try await test.stream { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                test.server.stop()
                #expect(try await frames.next() == nil)
            }
            await test.server.stopped()
            await test.agent.until { $0.subscribers.isEmpty }
        }
    }
}

extension ConnectionCount {
    fileprivate func untilNone() async {
        while all > 0 { await Task.yield() }
    }
}
