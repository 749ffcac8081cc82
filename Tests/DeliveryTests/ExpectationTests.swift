import Core
import Delivery
import Testing

/// What is made ready while a callback is on its way to the disk.
@Suite struct ExpectationTests {
    private static func run(_ body: (ScriptedReceiver, Harness) throws -> Void) throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            try body(receiver, Harness([.example(url: receiver.url())]))
        }
    }

    @Test func nothing_IsSent_BeforeItIsOnDisk() throws {
        try Self.run { receiver, harness in
            let pending = (1...20).map { PendingCallback.example(.example(129, "PHONE\($0)")) }
            harness.delivery.expect(pending.map(\.callback), wall: harness.wall)
            for _ in 0..<10 { harness.turn() }
            #expect(harness.isQuiet && harness.delivery.inFlight == 0)
            for each in pending { harness.enqueue(each) }
            try harness.run(attempts: 20)
            #expect(harness.attempts.allSatisfy { $0.outcome == .accepted })
            #expect(Set(receiver.requests.map(\.body)) == Set(pending.map(\.callback.content.body)))
            #expect(
                Set(receiver.requests.compactMap { $0.headers["webhook-id"] })
                    == Set(pending.map { "\($0.callback.id)" }))
        }
    }

    @Test func other_CallbacksThanThoseThatWereExpected_AreSentAsTheyAre() throws {
        try Self.run { receiver, harness in
            harness.delivery.expect([PendingCallback.example(sequence: 1).callback], wall: harness.wall)
            harness.enqueue(.example(sequence: 2))
            try harness.run(attempts: 1)
            harness.delivery.expect([], wall: harness.wall)
            harness.enqueue(.example(sequence: 3))
            try harness.run(attempts: 2)
            #expect(receiver.requests.map { $0.headers["plughook-sequence"] } == ["2", "3"])
        }
    }

    @Test func one_ThatGoesToAnotherPlaceMeanwhile_IsSentThere() throws {
        try Self.run { receiver, harness in
            harness.delivery.expect([PendingCallback.example().callback], wall: harness.wall)
            harness.delivery.use(webhooks: [.example(url: receiver.url() + "/moved")], now: harness.now)
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(receiver.requests.map(\.line) == ["POST /hook/moved HTTP/1.1"])
        }
    }

    @Test func one_WhoseReceiverIsRefusedMeanwhile_IsNotSent() throws {
        try Self.run { receiver, harness in
            harness.delivery.expect([PendingCallback.example().callback], wall: harness.wall)
            let loopback = [AddressRange("127.0.0.0/8")].compactMap(\.self)
            harness.delivery.use(addresses: AddressRules(deny: loopback), now: harness.now)
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(harness.attempts.map(\.outcome) == [.blocked])
            #expect(receiver.requests.isEmpty)
        }
    }

    /// The disk took its time, or was full: what says when it was signed is of now.
    @Test func one_ThatWasExpectedLongAgo_HasANewTimestamp() throws {
        try Self.run { receiver, harness in
            harness.delivery.expect([PendingCallback.example().callback], wall: harness.wall)
            harness.skip(.seconds(600))
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let stamp = try #require(receiver.requests.first?.headers["webhook-timestamp"].flatMap { Int64($0) })
            #expect(abs(stamp - harness.wall.milliseconds / 1000) < 60)
        }
    }
}
