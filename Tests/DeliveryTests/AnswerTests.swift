import Core
import Testing

@testable import Delivery

/// What becomes of a callback, by what a real receiver answers.
@Suite struct AnswerTests {
    /// One callback, one answer: the attempt.
    func attempt(
        _ answer: ScriptedReceiver.Answer, timeout: Duration = .seconds(15),
        _ check: (Attempt, Harness, ScriptedReceiver) throws -> Void
    ) throws {
        try ScriptedReceiver.run({ _, _ in answer }) { receiver in
            var webhook = Webhook.example(url: receiver.url("/hooks/T0P-S3CRET?key=hidden"))
            webhook.timeout = timeout
            let harness = try Harness([webhook])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            let attempt = try #require(harness.attempts.first)
            #expect(attempt.number == 1)
            #expect(!attempt.detail.contains("S3CRET") && !attempt.detail.contains("hidden"))
            #expect((attempt.notBefore == nil) == (attempt.outcome == .accepted))
            #expect(harness.delivery.inFlight == 0)
            #expect(harness.delivery.waiting == (attempt.outcome == .accepted ? 0 : 1))
            try check(attempt, harness, receiver)
        }
    }

    @Test(arguments: [200, 201, 202, 204, 299]) func callback_IsAccepted_By2xx(_ status: Int) throws {
        try attempt(.status(status)) { attempt, harness, receiver in
            #expect(attempt.outcome == .accepted)
            #expect(attempt.statusCode == status)
            #expect(attempt.wireSends == 1)
            #expect(attempt.detail == "HTTP/1.1 \(status) Scripted")
            #expect(harness.isQuiet)
            #expect(receiver.requests.count == 1)
        }
    }

    @Test func request_IsAsTheContractHasIt_OnTheWire() throws {
        try attempt(.status(200)) { attempt, _, receiver in
            let request = try #require(receiver.requests.first)
            #expect(request.line == "POST /hooks/T0P-S3CRET?key=hidden HTTP/1.1")
            #expect(request.body == PendingCallback.example().callback.content.body)
            #expect(
                request.headers == [
                    "host": "127.0.0.1:\(receiver.port)", "content-type": "application/json; charset=utf-8",
                    "user-agent": "plughook/1.2.3", "webhook-id": attempt.callback.description,
                    "webhook-timestamp": String(attempt.startedAt.milliseconds / 1000), "plughook-sequence": "1",
                    "content-length": String(request.body.count),
                ])
        }
    }

    @Test(arguments: [
        (301, Outcome.redirect), (400, .rejected), (401, .auth), (404, .http4xx), (408, .http4xx),
        (413, .rejected), (429, .throttled), (500, .http5xx), (503, .http5xx), (501, .rejected),
    ])
    func callback_IsTriedAgain_AfterAnyOtherStatus(_ status: Int, _ outcome: Outcome) throws {
        try attempt(.status(status)) { attempt, _, _ in
            #expect(attempt.outcome == outcome)
            #expect(attempt.statusCode == status)
            #expect(attempt.notBefore == WallTime(milliseconds: attempt.startedAt.milliseconds + 5000).within(200))
        }
    }

    @Test func redirect_IsNotFollowed_AndOnlyItsHostIsTold() throws {
        try attempt(.status(307, "Location: http://169.254.169.254/latest/meta-data?token=hidden")) {
            attempt, harness, receiver in
            #expect(attempt.outcome == .redirect)
            #expect(attempt.detail == "HTTP/1.1 307 Scripted; to 169.254.169.254, not followed")
            #expect(receiver.requests.count == 1)
        }
    }

    @Test(arguments: [
        ("120", Int64(120)), ("1", 5), ("0", 5), ("-7", 5), ("86400", 3600), ("99999999999999999999", 5), ("2.9", 5),
        ("soon", 5), ("Wed, 21 Oct 2015 07:28:00 GMT", 5), ("Fri, 31 Dec 2100 23:59:59 GMT", 3600),
    ])
    func retryAfter_IsTaken_InAllItsForms(_ value: String, _ seconds: Int64) throws {
        try attempt(.status(503, "Retry-After: \(value)")) { attempt, _, _ in
            let expected = WallTime(milliseconds: attempt.startedAt.milliseconds + seconds * 1000)
            #expect(attempt.notBefore == expected.within(200))
        }
    }

    @Test func answer_Counts_WhenItsBodyIsCut() throws {
        try attempt(.bytesThenClose("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort")) { attempt, _, _ in
            #expect(attempt.outcome == .accepted)
            #expect(attempt.detail.hasPrefix("HTTP/1.1 200 OK; "))
        }
    }

    @Test func answer_Counts_WhenItsBodyNeverComes() throws {
        // Long enough for the status line to come from a busy machine.
        try attempt(.bytes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), timeout: .seconds(2)) {
            attempt, _, _ in
            #expect(attempt.outcome == .accepted)
        }
    }

    @Test func body_IsNotReadToTheEnd_WhenItHasNone() throws {
        try attempt(.endlessBody) { attempt, _, _ in
            #expect(attempt.outcome == .accepted)
            #expect(attempt.detail == "HTTP/1.1 200 OK; the answer was longer than 64 KiB and not read to its end")
        }
    }

    @Test func headers_AreNotReadToTheEnd_WhenTheyHaveNone() throws {
        try attempt(.endlessHeaders) { attempt, _, _ in
            #expect(attempt.outcome == .http5xx)
            #expect(attempt.detail.contains("longer than 64 KiB"))
        }
    }

    @Test func statusLine_IsPrintedSafely() throws {
        try attempt(.bytes("HTTP/1.1 500 \u{1b}[2J\u{202e}\r\nContent-Length: 0\r\n\r\n")) { attempt, _, _ in
            #expect(attempt.detail == "HTTP/1.1 500 \\u{1b}[2J\\u{202e}")
        }
    }

    @Test func interimStatus_IsNoAnswer() throws {
        try attempt(.bytes("HTTP/1.1 100 Continue\r\n\r\n"), timeout: .milliseconds(200)) { attempt, _, _ in
            #expect(attempt.outcome == .timeout)
            #expect(attempt.statusCode == nil)
        }
    }

    @Test func silence_IsATimeout() throws {
        try attempt(.silence, timeout: .milliseconds(200)) { attempt, _, _ in
            #expect(attempt.outcome == .timeout)
            #expect(attempt.duration >= .milliseconds(190))
        }
    }

    @Test func junk_IsAFaultOfProtocol() throws {
        try attempt(.bytesThenClose("<html>hello from 1991</html>\r\n")) { attempt, _, _ in
            #expect(attempt.outcome == .protocol)
            #expect(attempt.statusCode == nil)
        }
    }

    @Test func connection_ThatEndsWithoutAnswer_IsAFaultOfConnection() throws {
        try attempt(.close) { attempt, _, _ in #expect(attempt.outcome == .connection) }
        try attempt(.reset) { attempt, _, _ in #expect(attempt.outcome == .connection) }
    }

    @Test(arguments: [
        ("http://127.0.0.1:1/", Outcome.connect), ("http://no-such-host.invalid/", .dns), ("http://[::1", .internal),
        ("gopher://127.0.0.1/", .protocol),
    ])
    func callback_IsTriedAgain_WhenNobodyAnswers(_ url: String, _ outcome: Outcome) throws {
        let harness = try Harness([.example(url: url)])
        harness.enqueue(.example())
        try harness.run(attempts: 1)
        let attempt = try #require(harness.attempts.first)
        #expect(attempt.outcome == outcome, "\(attempt.detail)")
        #expect(!attempt.detail.isEmpty)
        #expect(attempt.wireSends == 0)
        #expect(attempt.notBefore != nil)
    }

    @Test func tls_IsAFaultOfItsOwn_WhenTheReceiverSpeaksPlainHTTP() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: "https://127.0.0.1:\(receiver.port)/")])
            var webhook = Webhook.example(url: "https://127.0.0.1:\(receiver.port)/")
            webhook.timeout = .seconds(1)
            harness.delivery.use(webhooks: [webhook], now: harness.now)
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(harness.attempts.first?.statusCode == nil)
            #expect(harness.attempts.first.map { [.tls, .timeout].contains($0.outcome) } == true)
        }
    }
}

extension WallTime {
    /// Equal to any moment at most so many milliseconds later.
    fileprivate func within(_ milliseconds: Int64) -> Later { Later(earliest: self, slack: milliseconds) }

    fileprivate struct Later {
        let earliest: WallTime
        let slack: Int64

        static func == (time: WallTime?, later: Later) -> Bool {
            guard let time else { return false }
            return (0...later.slack).contains(time.milliseconds - later.earliest.milliseconds)
        }
    }
}
