import Core
import Testing

@testable import Delivery

@Suite struct TotalsTests {
    @Test func attempts_AreCounted_ByHowTheyEnd() throws {
        try ScriptedReceiver.run({ _, n in n == 0 ? .status(503) : .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            harness.skipToDeadline()
            try harness.run(attempts: 2)
            let totals = harness.delivery.totals
            let webhook = try #require(totals.webhooks[WebhookID(129)])
            #expect(webhook.attempts == [.http5xx: 1, .accepted: 1])
            #expect(webhook.responses == [503: 1, 200: 1])
            #expect(webhook.lastAccepted != nil)
            #expect((totals.retries, totals.wireSends) == (1, 2))
            #expect((totals.attemptDuration.count, totals.delay.count) == (2, 1))
        }
    }

    /// Not those of a retry, nor of a callback that an agent before has committed: its clock was another.
    @Test func waitForTheFirstAttempt_IsCounted_FromTheCommit() throws {
        try ScriptedReceiver.run({ _, n in n == 0 ? .status(503) : .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            var committed = PendingCallback.example()
            committed.committedAt = harness.now
            harness.skip(.seconds(3))
            harness.enqueue(committed, .example(sequence: 2))
            try harness.run(attempts: 1)
            harness.skipToDeadline()
            try harness.run(attempts: 3)
            let delay = harness.delivery.totals.firstSendDelay
            #expect(delay.count == 1)
            #expect(delay.sum >= .seconds(3))
        }
    }

    @Test func webhookThatIsGone_IsCountedNoMore() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            harness.delivery.use(webhooks: [.example(7)], now: harness.now)
            #expect(harness.delivery.totals.webhooks.isEmpty)
        }
    }

    @Test func oldestCallback_IsTheOneThatWaitsLongest() {
        var dispatcher = Dispatcher(limits: DeliveryLimits())
        #expect(dispatcher.oldest(of: WebhookID(129)) == nil)
        let oldest = PendingCallback.example()
        dispatcher.enqueue(oldest, due: nil)
        dispatcher.enqueue(.example(sequence: 2), due: nil)
        #expect(dispatcher.oldest(of: WebhookID(129)) == oldest.callback.createdAt)
    }

    @Test(arguments: [
        ("Date: Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("date:Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("DATE: Sun Nov  6 08:49:37 1994", 784_111_777), ("Date: soon", nil), ("Date:", nil), ("Dates: 1", nil),
        ("Date: Sat, 01 Jan 300000000 00:00:00 GMT", nil), ("Date: Sat, 01 Jan 2147483647 00:00:00 GMT", nil),
        ("Date: " + String(repeating: "9", count: 200), nil),
    ])
    func receiversTime_IsTakenFromItsDate(header: String, seconds: Int64?) throws {
        try ScriptedReceiver.run({ _, _ in .status(204, header) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let skew = harness.delivery.totals.webhooks[WebhookID(129)]?.clockSkew
            let there = skew.map { harness.wall.milliseconds / 1000 + $0.components.seconds }
            #expect(there.map { abs($0 - (seconds ?? 0)) <= 1 } == (seconds == nil ? nil : true))
        }
    }
}
