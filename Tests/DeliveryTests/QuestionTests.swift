import Core
import Testing

@testable import Delivery

/// Questions to other servers, beside the lanes.
@Suite struct QuestionTests {
    func ask(
        _ answer: ScriptedReceiver.Answer, within limit: Duration = .seconds(20),
        _ check: (SideAnswer, Harness, ScriptedReceiver) throws -> Void
    ) throws {
        try ScriptedReceiver.run({ _, _ in answer }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            var answers: [SideAnswer] = []
            harness.delivery.get(receiver.url("/appium/sessions"), within: limit, now: harness.now) {
                answers.append($0)
            }
            try harness.run { !answers.isEmpty }
            #expect(answers.count == 1)
            #expect(harness.attempts.isEmpty && harness.delivery.totals.wireSends == 0, "it is no attempt")
            try check(try #require(answers.first), harness, receiver)
        }
    }

    private func body(_ count: Int) -> ScriptedReceiver.Answer {
        .bytes("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: "x", count: count))
    }

    @Test func question_IsAGet_AndNamesItsAsker() throws {
        try ask(.status(404)) { answer, _, receiver in
            #expect((answer.statusCode, answer.isWhole) == (404, true))
            let request = try #require(receiver.requests.first)
            #expect(request.line == "GET /appium/sessions HTTP/1.1")
            #expect(request.headers["user-agent"] == "plughook/1.2.3")
            #expect(request.headers["accept"] == "application/json")
            #expect(request.headers["webhook-id"] == nil)
            #expect(request.body.isEmpty)
        }
    }

    @Test func answer_IsKeptWhole_FarBeyondWhatAReceiverMaySay() throws {
        try ask(body(900_000)) { answer, _, _ in
            #expect(answer.isWhole)
            #expect(answer.body.count == 900_000)
        }
    }

    @Test func answer_WithoutAnEnd_IsNotWhole() throws {
        try ask(.endlessBody) { answer, _, _ in
            #expect(!answer.isWhole)
            #expect(answer.body.count <= SideAnswer.longestAnswer)
            #expect(answer.detail.contains("longer than 1024 KiB"))
        }
    }

    @Test func silence_EndsWithTheLimit() throws {
        try ask(.silence, within: .milliseconds(100)) { answer, _, _ in
            #expect((answer.outcome, answer.statusCode, answer.isWhole) == (.timeout, nil, false))
        }
    }

    @Test func redirect_IsNotFollowed() throws {
        try ask(.status(302, "Location: /elsewhere")) { answer, _, receiver in
            #expect(answer.statusCode == 302)
            #expect(receiver.requests.count == 1)
        }
    }

    /// The same handle serves both, and a callback is a POST that reads little.
    @Test func nextCallback_KeepsNothingOfTheQuestion() throws {
        try ask(.status(200)) { _, harness, receiver in
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let request = try #require(receiver.requests.last)
            #expect(request.line == "POST /hook HTTP/1.1")
            #expect(request.headers["accept"] == nil)
        }
    }

    /// As many as there are servers, beside tests, which are bounded.
    @Test func questions_AreNotCountedAsTests() throws {
        try ScriptedReceiver.run({ _, _ in .silence }) { receiver in
            let webhook = Webhook.example(url: receiver.url())
            let harness = try Harness([webhook])
            var cancelled = 0
            for _ in 0..<8 {
                harness.delivery.get(receiver.url(), within: .seconds(20), now: harness.now) { answer in
                    if answer.outcome == .cancelled { cancelled += 1 }
                }
            }
            #expect(
                harness.delivery.test(
                    webhook.id, id: CallbackID("msg_test"), content: Content(body: []), now: harness.now,
                    wall: harness.wall
                ) { _ in })
            _ = harness.delivery.cancelInFlight(now: harness.now, wall: harness.wall)
            #expect(cancelled == 8)
        }
    }
}
