import Core
import Testing

@testable import Delivery

/// A test callback: outside all lanes, on no record, and shown with what came of it.
@Suite struct TestCallbackTests {
    let id = CallbackID("msg_test")

    func test(
        _ answer: ScriptedReceiver.Answer, _ check: (SideAnswer, Harness, ScriptedReceiver) throws -> Void
    ) throws {
        try ScriptedReceiver.run({ _, _ in answer }) { receiver in
            let webhook = Webhook.example(url: receiver.url())
            let harness = try Harness([webhook])
            var answers: [SideAnswer] = []
            let facts = CallbackFacts(
                testOf: webhook, at: WallTime(milliseconds: 0), host: HostIdentity(id: "h"), organisation: 2)
            let body = KobitonBody.bytes(of: facts)
            let isBegun = harness.delivery.test(
                webhook.id, id: id, content: Content(body: body), now: harness.now, wall: harness.wall
            ) { answers.append($0) }
            #expect(isBegun)
            try harness.run { !answers.isEmpty }
            #expect(answers.count == 1)
            #expect(harness.attempts.isEmpty, "it is on no record")
            #expect((harness.delivery.inFlight, harness.delivery.waiting) == (0, 0))
            try check(try #require(answers.first), harness, receiver)
        }
    }

    @Test func request_SaysThatItIsATest() throws {
        try test(.status(204)) { answer, _, receiver in
            #expect((answer.outcome, answer.statusCode) == (.accepted, 204))
            let request = try #require(receiver.requests.first)
            #expect(request.headers["plughook-test"] == "1")
            #expect(request.headers["webhook-id"] == "msg_test")
            #expect(request.headers["plughook-sequence"] == nil)
            #expect(
                String(decoding: request.body, as: UTF8.self) == """
                    {"creationTime":"1970-01-01T00:00:00.000Z","eventType":"TEST","eventActivity":"plughook.test",\
                    "eventDescription":"Test","deviceUdid":"plughook-test","deviceName":"Test by plughook","orgId":2,\
                    "webhookId":129,"webhookName":"Webhook 129"}
                    """)
        }
    }

    @Test func phases_Ascend() throws {
        try test(.status(200)) { answer, _, _ in
            let connect = try #require(answer.phases.connect)
            let firstByte = try #require(answer.phases.firstByte)
            #expect(connect <= firstByte)
            #expect(firstByte <= answer.duration)
            #expect(answer.phases.tls == nil)
        }
    }

    @Test func answersFirstBytes_AreKept_AndNoMore() throws {
        let body = String(repeating: "x", count: 3000)
        let text = "HTTP/1.1 500 No\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try test(.bytes(text)) { answer, _, _ in
            #expect((answer.outcome, answer.statusCode) == (.http5xx, 500))
            #expect(answer.body == Array(body.utf8.prefix(SideAnswer.longestBody)))
        }
    }

    @Test func nextAttempt_KeepsNothingOfTheTest() throws {
        try test(.status(200)) { _, harness, receiver in
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(receiver.requests.last?.headers["plughook-test"] == nil)
            #expect(receiver.requests.last?.headers["plughook-sequence"] == "1")
        }
    }

    @Test func tooMany_AreRefused_AndShutdownEndsTheRest() throws {
        try ScriptedReceiver.run({ _, _ in .silence }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            var answers: [SideAnswer] = []
            let begin = {
                harness.delivery.test(
                    WebhookID(129), id: id, content: Content(body: []), now: harness.now, wall: harness.wall
                ) { answers.append($0) }
            }
            for _ in 0..<Delivery.mostTests { #expect(begin()) }
            #expect(!begin())
            #expect(harness.delivery.cancelInFlight(now: harness.now, wall: harness.wall).isEmpty)
            #expect(answers.map(\.outcome) == Array(repeating: .cancelled, count: Delivery.mostTests))
        }
    }

    @Test func unknownWebhook_IsNotTested() throws {
        let harness = try Harness([])
        #expect(
            !harness.delivery.test(
                WebhookID(1), id: id, content: Content(body: []), now: harness.now, wall: harness.wall
            ) { _ in })
    }
}
