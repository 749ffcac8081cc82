import Core
import Delivery
import Testing

/// Order, retries, restart and shutdown, over a real receiver.
@Suite struct LaneTests {
    @Test func lane_KeepsItsOrder_OverFailures() throws {
        // Every second request fails.
        try ScriptedReceiver.run({ _, number in .status(number.isMultiple(of: 2) ? 500 : 200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            for sequence in 1...5 { harness.enqueue(.example(sequence: Int64(sequence))) }
            try harness.run {
                if harness.delivery.inFlight == 0 { harness.skipToDeadline() }
                return harness.attempts.count == 10
            }
            #expect(
                receiver.requests.map { $0.headers["plughook-sequence"] }
                    == ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"])
            #expect(harness.attempts.map(\.number) == [1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
            let outcomes = harness.attempts.map(\.outcome)
            #expect(outcomes == (0..<10).map { $0.isMultiple(of: 2) ? .http5xx : .accepted })
        }
    }

    /// A crash may send again what was in flight, one callback a lane: so the next one must not leave before that.
    @Test func lane_Stands_UntilTheAcceptanceIsOnRecord() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.recordsAtOnce = false
            harness.enqueue(.example(sequence: 1), .example(sequence: 2))
            try harness.run(attempts: 1)
            harness.turn()
            #expect(harness.isQuiet)
            #expect(harness.delivery.inFlight == 1 && harness.delivery.waiting == 1)
            harness.delivery.recorded(harness.attempts)
            try harness.run(attempts: 2)
            #expect(receiver.requests.map { $0.headers["plughook-sequence"] } == ["1", "2"])
        }
    }

    /// The record of a failure may be late: it says nothing of the attempt that came after.
    @Test func lane_Stands_WhenAnAttemptBeforeTheAcceptedOneIsOnRecord() throws {
        try ScriptedReceiver.run({ _, number in .status(number == 0 ? 500 : 200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.recordsAtOnce = false
            harness.enqueue(.example(sequence: 1), .example(sequence: 2))
            try harness.run(attempts: 1)
            harness.skip(.seconds(6))
            try harness.run(attempts: 2)
            harness.delivery.recorded([harness.attempts[0]])
            harness.turn()
            #expect(harness.isQuiet && harness.delivery.inFlight == 1)
            harness.delivery.recorded([harness.attempts[1]])
            try harness.run(attempts: 3)
            #expect(receiver.requests.map { $0.headers["plughook-sequence"] } == ["1", "1", "2"])
        }
    }

    @Test func retry_HasTheSameBytesAndID_AndItsOwnTimestamp() throws {
        try ScriptedReceiver.run({ _, number in number == 0 ? .close : .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            harness.skip(.seconds(6))
            try harness.run(attempts: 2)
            let (first, second) = (try #require(receiver.requests.first), try #require(receiver.requests.last))
            #expect(first.body == second.body)
            #expect(first.headers["webhook-id"] == second.headers["webhook-id"])
            let stamps = [first, second].compactMap { $0.headers["webhook-timestamp"].flatMap { Int($0) } }
            #expect(stamps.count == 2 && stamps[1] - stamps[0] >= 6)
        }
    }

    @Test func loop_SleepsUntilTheRetry_WithoutATick() throws {
        try ScriptedReceiver.run({ _, _ in .status(500) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let turns = harness.turns
            let deadline = try #require(harness.delivery.nextDeadline)
            #expect((deadline - harness.now) > .seconds(4))
            // Nothing is ready, and nothing will be before that.
            harness.turn()
            #expect(harness.delivery.nextDeadline == deadline)
            #expect(harness.turns == turns + 1)
        }
    }

    @Test func url_ActsOnWhatWaits() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: "http://127.0.0.1:1/")])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(harness.attempts.first?.outcome == .connect)
            harness.delivery.use(webhooks: [.example(url: receiver.url("/new"))], now: harness.now)
            harness.skip(.seconds(6))
            try harness.run(attempts: 2)
            #expect(receiver.requests.map(\.line) == ["POST /new HTTP/1.1"])
        }
    }

    @Test func callback_IsHeld_UntilItsWebhookIsThere() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([])
            harness.enqueue(.example())
            harness.turn()
            #expect(harness.delivery.waiting == 1)
            #expect(harness.isQuiet)
            harness.delivery.use(webhooks: [.example(url: receiver.url())], now: harness.now)
            try harness.run(attempts: 1)
            #expect(harness.attempts.first?.outcome == .accepted)
        }
    }

    /// After a restart: what was tried goes on where it was, at its time.
    @Test func restoredCallback_GoesOn_WithItsCountAndTime() throws {
        try ScriptedReceiver.run({ _, _ in .status(500) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            let due = WallTime(milliseconds: harness.wall.milliseconds + 30_000)
            harness.enqueue(.example(attempts: 3, notBefore: due))
            harness.turn()
            #expect(harness.delivery.inFlight == 0)
            harness.skip(.seconds(31))
            try harness.run(attempts: 1)
            let attempt = try #require(harness.attempts.first)
            #expect(attempt.number == 4)
            let wait = try #require(attempt.notBefore).milliseconds - attempt.startedAt.milliseconds
            #expect((60_000...60_500).contains(wait))
        }
    }

    @Test func shutdown_CancelsWhatHasNoAnswer_AndStartsNothing() throws {
        try ScriptedReceiver.run({ _, _ in .silence }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example(sequence: 1), .example(sequence: 2))
            try harness.run(requests: 1, at: receiver)
            harness.delivery.stopClaiming()
            let wall = harness.wall
            let cancelled = harness.delivery.cancelInFlight(now: harness.now, wall: wall)
            #expect(cancelled.map(\.outcome) == [.cancelled])
            #expect(cancelled.first?.consequence == .uncounted)
            #expect((harness.delivery.inFlight, harness.delivery.waiting) == (0, 2))
            harness.skip(.seconds(100))
            harness.turn()
            #expect(harness.delivery.inFlight == 0)
            #expect(harness.attempts.isEmpty)
            #expect(receiver.requests.count == 1)
        }
    }

    @Test func facade_MayGo_WhileTransfersAreUnderWay() throws {
        try ScriptedReceiver.run({ _, _ in .silence }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            for device in 0..<5 { harness.enqueue(.example(.example(129, "d\(device)"))) }
            try harness.run(requests: 5, at: receiver)
        }
    }

    /// What it says is for its webhook alone, and told once.
    @Test func receiverThatIsGone_IsTold_AndItsCallbackStays() throws {
        try ScriptedReceiver.run({ request, _ in request.line.contains("/gone") ? .status(410) : .status(200) }) {
            receiver in
            let harness = try Harness([
                .example(1, url: receiver.url("/gone")), .example(2, url: receiver.url("/well")),
            ])
            harness.enqueue(.example(.example(1)), .example(.example(2)))
            try harness.run(attempts: 2)
            #expect(Set(harness.attempts.map(\.outcome)) == [.gone, .accepted])
            let gone = harness.delivery.takeGone()
            #expect(gone == [WebhookID(1)])
            #expect(harness.delivery.takeGone().isEmpty)
            harness.delivery.suspend(gone, now: harness.now)
            harness.skip(.seconds(3600))
            harness.turn()
            #expect((harness.delivery.waiting, harness.attempts.count) == (1, 2))
            harness.delivery.suspend([], now: harness.now)
            try harness.run(attempts: 3)
            #expect(harness.attempts.last?.number == 2)
        }
    }
}
