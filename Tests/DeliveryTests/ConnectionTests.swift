import Core
import Delivery
import Linux
import Testing

/// Connections that are used again, and die.
@Suite struct ConnectionTests {
    @Test func connection_IsUsedAgain() throws {
        try ScriptedReceiver.run({ _, _ in .status(204) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            for sequence in 1...10 { harness.enqueue(.example(sequence: Int64(sequence))) }
            try harness.run(attempts: 10)
            #expect(Set(receiver.requests.map(\.connection)) == [0])
            #expect(harness.delivery.totals.connections == [.new: 1, .reused: 9])
        }
    }

    /// Neither a name that is unknown nor a port at which nobody listens is a connection.
    @Test(arguments: ["http://name.invalid/", "http://127.0.0.1:1/"])
    func connectionThatCannotBeHad_IsNotCounted(url: String) throws {
        let harness = try Harness([.example(url: url)])
        harness.enqueue(.example())
        try harness.run(attempts: 1)
        #expect(harness.delivery.totals.connections.isEmpty)
    }

    /// Two webhooks, so that two connections wait for the third callback.
    func callbackOverDeadConnections(
        _ connections: Int, _ check: (Attempt, ScriptedReceiver, Harness) throws -> Void
    ) throws {
        let isDying = Locked(false)
        try ScriptedReceiver.run({ request, _ in
            isDying.withLock { $0 } && request.connection < connections ? .close : .status(200)
        }) { receiver in
            let webhooks = (1...Int64(connections)).map { Webhook.example($0, url: receiver.url()) }
            let harness = try Harness(webhooks)
            for webhook in webhooks { harness.enqueue(.example(.example(webhook.id.value))) }
            try harness.run(attempts: connections)
            #expect(Set(receiver.requests.map(\.connection)).count == connections)
            isDying.withLock { $0 = true }
            harness.enqueue(.example(.example(1), sequence: 2))
            try harness.run(attempts: connections + 1)
            try check(try #require(harness.attempts.last), receiver, harness)
        }
    }

    /// The receiver closes an idle connection just as it is used again: libcurl sends once more, unseen.
    @Test func oneHiddenResend_IsAllowed_AndCounted() throws {
        try callbackOverDeadConnections(1) { attempt, receiver, harness in
            #expect(attempt.outcome == .accepted)
            #expect(attempt.wireSends == 2)
            let sends = receiver.requests.suffix(2)
            #expect(Set(sends.map(\.headers)).count == 1)
            #expect(Set(sends.map(\.body)).count == 1)
            #expect(sends.map(\.connection) == [0, 1])
            #expect(harness.delivery.totals.connections == [.new: 2])
        }
    }

    @Test func secondHiddenResend_IsPrevented() throws {
        try callbackOverDeadConnections(3) { attempt, receiver, harness in
            #expect(attempt.outcome == .resendPrevented)
            #expect(attempt.wireSends == 2)
            #expect(receiver.requests.count == 5)
            #expect(attempt.detail == "the connection closed without an answer, twice in a row")
            harness.skip(.seconds(6))
            try harness.run(attempts: 5)
            #expect(harness.attempts.last?.outcome == .accepted)
        }
    }

    /// A hub reset: all connections are opened at once, and none is left in the way of the next.
    @Test func limits_HoldOnTheWire() throws {
        let open = Locked((now: 0, most: 0))
        try ScriptedReceiver.run({ _, _ in
            open.withLock { $0.most = max($0.most, $0.now) }
            return .status(200)
        }) { receiver in
            let harness = try Harness(
                [.example(1, url: receiver.url()), .example(2, url: receiver.url())],
                limits: DeliveryLimits(maxConcurrent: 5, maxPerWebhook: 3))
            for webhook in [1, 2] as [Int64] {
                for device in 0..<50 { harness.enqueue(.example(.example(webhook, "d\(device)"))) }
            }
            var most = 0
            try harness.run {
                most = max(most, harness.delivery.inFlight)
                return harness.attempts.count == 100
            }
            #expect(most == 5)
            #expect(Set(receiver.requests.map(\.connection)).count <= 5)
            #expect(harness.attempts.allSatisfy { $0.outcome == .accepted })
        }
    }
}
