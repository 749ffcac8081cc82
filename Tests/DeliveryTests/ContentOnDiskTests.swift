import Core
import Testing

@testable import Delivery

/// A long backlog waits on disk: what is in memory of it has no bodies.
@Suite struct ContentOnDiskTests {
    private static func content(_ sequence: Int64) -> Content {
        Content(body: Array(#"{"n":\#(sequence)}"#.utf8), headers: ["Content-Type: text/x-\(sequence)"])
    }

    /// As it comes from the disk at a start.
    private static func lean(_ lane: Lane = .example(), sequence: Int64 = 1) -> PendingCallback {
        PendingCallback.example(lane, sequence: sequence).lean
    }

    /// What the agent does: has asked for the bodies on another thread, and gets them in a later turn.
    private static func supply(_ harness: Harness, _ ids: [CallbackID], _ bodies: [CallbackID: Content]?) {
        harness.take(harness.delivery.supply(bodies, of: ids, now: harness.now, wall: harness.wall))
    }

    @Test func callback_IsSent_WhenItsBodyHasBeenRead() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(Self.lean(sequence: 1), Self.lean(sequence: 2))
            for sequence in 1...2 as ClosedRange<Int64> {
                harness.turn()
                let ids = harness.delivery.takeUnread()
                #expect(ids == [Self.lean(sequence: sequence).callback.id])
                #expect(harness.delivery.takeUnread() == [])
                #expect((harness.delivery.inFlight, harness.delivery.waiting) == (1, 2 - Int(sequence)))
                #expect(receiver.requests.count == Int(sequence) - 1)
                Self.supply(harness, ids, [ids[0]: Self.content(sequence)])
                try harness.run(attempts: Int(sequence))
            }
            #expect(receiver.requests.map(\.body) == [Self.content(1).body, Self.content(2).body])
            #expect(receiver.requests.map { $0.headers["content-type"] } == ["text/x-1", "text/x-2"])
            #expect(harness.attempts.map(\.outcome) == [.accepted, .accepted])
        }
    }

    @Test func body_IsReadAgain_ForEachAttempt() throws {
        try ScriptedReceiver.run({ _, number in .status(number == 0 ? 500 : 200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(Self.lean())
            for attempt in 1...2 {
                harness.turn()
                let ids = harness.delivery.takeUnread()
                Self.supply(harness, ids, [try #require(ids.first): Self.content(1)])
                try harness.run(attempts: attempt)
                harness.skip(.seconds(6))
            }
            #expect(receiver.requests.map(\.body) == [Self.content(1).body, Self.content(1).body])
            #expect(harness.attempts.map(\.number) == [1, 2])
        }
    }

    /// A disk that cannot be read now may be read in a minute: nothing is lost, and nothing is sent with an empty body.
    @Test(arguments: [false, true]) func callback_IsTriedAgain_WhenItsBodyCannotBeRead(isAnswered: Bool) throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(Self.lean())
            harness.turn()
            Self.supply(harness, harness.delivery.takeUnread(), isAnswered ? [:] : nil)
            #expect(harness.attempts.map(\.outcome) == [.internal])
            #expect(harness.attempts.first?.notBefore != nil)
            #expect((harness.delivery.inFlight, harness.delivery.waiting) == (0, 1))
            harness.skip(.seconds(61))
            harness.turn()
            let ids = harness.delivery.takeUnread()
            Self.supply(harness, ids, [try #require(ids.first): Self.content(1)])
            try harness.run(attempts: 2)
            #expect(receiver.requests.map(\.body) == [Self.content(1).body])
        }
    }

    @Test func nothing_IsSent_WhenBodiesComeAfterTheStop() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(Self.lean())
            harness.turn()
            let ids = harness.delivery.takeUnread()
            #expect(harness.delivery.cancelInFlight(now: harness.now, wall: harness.wall) == [])
            #expect((harness.delivery.inFlight, harness.delivery.waiting) == (0, 1))
            Self.supply(harness, ids, [ids[0]: Self.content(1)])
            #expect(harness.attempts == [])
            #expect(receiver.requests.isEmpty)
        }
    }

    @Test func backlog_LeavesItsBodiesOnDisk_AndTheFirstKeepTheirs() throws {
        var dispatcher = Dispatcher(limits: DeliveryLimits(maxConcurrent: 5000, maxPerWebhook: 5000))
        dispatcher.use([WebhookID(129): .all, WebhookID(2): .all])
        let now = MonotonicTime(nanoseconds: 1_000_000_000)
        for device in 0..<1500 {
            dispatcher.enqueue(.example(.example(129, "d\(device)")), due: nil, expiry: now + .seconds(60))
        }
        dispatcher.enqueue(.example(.example(2)), due: nil, expiry: now + .seconds(60))
        var onDisk: [WebhookID: Int] = [:]
        while let pending = dispatcher.claim(at: now) {
            #expect(pending.isOnDisk == pending.callback.content.body.isEmpty)
            onDisk[pending.callback.lane.webhook, default: 0] += pending.isOnDisk ? 1 : 0
        }
        #expect(onDisk == [WebhookID(129): 500, WebhookID(2): 0])
    }
}
