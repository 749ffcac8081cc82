import Core
import Testing

@testable import Delivery

/// Signatures by Standard Webhooks, by the vectors of its reference libraries and by our own, each recomputed elsewhere.
@Suite struct StandardWebhooksTests {
    private struct Vector: Sendable {
        let key: SigningKey
        let id: String
        let seconds: Int64
        let body: String
        let signature: String
    }

    private static let a = SigningKey(base64: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    private static let b = SigningKey(base64: "C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    private static let example =
        #"{"creationTime":"2023-01-06T04:52:36.963Z","eventType":"DEVICE","eventActivity":"device.state.utilizing","eventDescription":"Utilizing","deviceUdid":"ce0917198075440c057e","deviceName":"Galaxy Note 8","orgId":2,"webhookId":129,"webhookName":"Webhook for All events"}"#

    private static let vectors = [
        Vector(
            key: a, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: #"{"test": 2432232314}"#,
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        Vector(
            key: b, id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", seconds: 1_649_367_553,
            body: #"{"email":"test@example.com","username":"test_user"}"#,
            signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        Vector(
            key: a, id: "msg_0000000000000000000000000A", seconds: 1_672_980_756, body: example,
            signature: "v1,4TjRJqpN6ThXP+nd90L5W+QRaXLZEMSyyvWU3W+wtF0="),
        Vector(
            key: a, id: "msg_0000000000000000000000000B", seconds: 1_672_980_757,
            body: #"{"deviceName":"Pixel 8 – 測試"}"#, signature: "v1,jXTdVul22PmfOnOwxdUmkcV8b13m4AIyxnHgu4sD5gI="),
        Vector(
            key: SigningKey(base64: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr=="), id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            seconds: 1_614_265_330, body: #"{"test": 2432232314}"#,
            signature: "v1,yK2tMbA6BHPrMEJ1lLv7UlJJbgFoqGenJkiajZ29evg="),
        Vector(
            key: a, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: "",
            signature: "v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A="),
    ]

    private func sign(_ body: String, id: String, at seconds: Int64, by keys: [SigningKey]) -> String? {
        StandardWebhooks.signature(
            of: Array(body.utf8), id: CallbackID(id), at: WallTime(milliseconds: seconds * 1000 + 999), by: keys)
    }

    @Test(arguments: vectors.indices) func vector_IsReproduced_AndVerified(index: Int) {
        let vector = Self.vectors[index]
        #expect(sign(vector.body, id: vector.id, at: vector.seconds, by: [vector.key]) == vector.signature)
        let headers = headers(vector.id, vector.seconds, vector.signature)
        #expect(verdict(vector.body, by: vector.key, headers, now: vector.seconds) == .good)
    }

    @Test func rotation_SignsByEach_TheNewestFirst() {
        let vector = Self.vectors[2]
        #expect(
            sign(vector.body, id: vector.id, at: vector.seconds, by: [Self.b, Self.a])
                == "v1,Ajln+rwRKuXUifSpOT1VYQv2FF9nI0M0rjCvdoT3BMA= v1,4TjRJqpN6ThXP+nd90L5W+QRaXLZEMSyyvWU3W+wtF0=")
    }

    @Test func keyThatIsOver_IsNotUsed() {
        let old = SigningKey(bytes: Self.a.bytes, notAfter: WallTime(milliseconds: 2_000_000))
        #expect(sign("", id: "msg_1", at: 1_999, by: [Self.b, old])?.split(separator: " ").count == 2)
        #expect(sign("", id: "msg_1", at: 2_000, by: [Self.b, old])?.split(separator: " ").count == 1)
        #expect(sign("", id: "msg_1", at: 2_000, by: [Self.b, old]) == sign("", id: "msg_1", at: 2_000, by: [Self.b]))
        #expect(sign("", id: "msg_1", at: 1, by: []) == nil)
    }

    // MARK: - What is not good

    private func headers(_ id: String, _ seconds: Int64, _ signature: String) -> [String: String] {
        ["webhook-id": id, "webhook-timestamp": "\(seconds)", "webhook-signature": signature]
    }

    private func verdict(
        _ body: String, by key: SigningKey, _ headers: [String: String], now seconds: Int64
    ) -> StandardWebhooks.Verdict {
        StandardWebhooks.verdict(on: Array(body.utf8), by: key, now: WallTime(milliseconds: seconds * 1000)) {
            headers[$0]
        }
    }

    @Test func whatWasChanged_IsBad() {
        let vector = Self.vectors[0]
        let good = headers(vector.id, vector.seconds, vector.signature)
        #expect(verdict(vector.body + " ", by: vector.key, good, now: vector.seconds) == .bad)
        #expect(verdict(vector.body, by: Self.b, good, now: vector.seconds) == .bad)
        for (name, value) in [
            ("webhook-id", "msg_other"), ("webhook-timestamp", "1614265331"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), ("webhook-signature", ""),
            ("webhook-signature", "v2," + vector.signature.dropFirst(3)), ("webhook-signature", "v1,"),
        ] {
            let changed = good.merging([name: value]) { $1 }
            #expect(verdict(vector.body, by: vector.key, changed, now: vector.seconds) == .bad, "\(name) \(value)")
        }
        // One that fits among others is enough.
        let several = good.merging(["webhook-signature": "v2,x v1,AAAA " + vector.signature]) { $1 }
        #expect(verdict(vector.body, by: vector.key, several, now: vector.seconds) == .good)
    }

    @Test func timeFarAway_IsStale() {
        let vector = Self.vectors[0]
        let good = headers(vector.id, vector.seconds, vector.signature)
        for (distance, expected) in [(-301, .stale), (-300, .good), (300, .good), (301, .stale)]
            as [(Int64, StandardWebhooks.Verdict)]
        {
            #expect(verdict(vector.body, by: vector.key, good, now: vector.seconds + distance) == expected)
        }
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"]) func headerThatIsMissing_IsSaid(
        name: String
    ) {
        let vector = Self.vectors[0]
        var some = headers(vector.id, vector.seconds, vector.signature)
        some[name] = nil
        #expect(verdict(vector.body, by: vector.key, some, now: vector.seconds) == .missing)
    }

    @Test func newSecrets_AreOfTheirUsualForm_AndNeverTheSame() {
        let secrets = Set((0..<100).map { _ in StandardWebhooks.newSecret() })
        #expect(secrets.count == 100)
        for secret in secrets { #expect(secret.wholeMatch(of: /whsec_[A-Za-z0-9+\/]{32}/) != nil) }
    }

    // MARK: - On the wire

    @Test func attempts_AreSignedEachAnew_AndTestsToo() throws {
        try ScriptedReceiver.run({ _, n in n == 0 ? .status(500) : .status(200) }) { receiver in
            var webhook = Webhook.example(url: receiver.url())
            webhook.keys = [Self.b, Self.a]
            let harness = try Harness([webhook])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            harness.skip(.seconds(30))
            try harness.run(attempts: 2)
            var isTested = false
            #expect(
                harness.delivery.test(
                    webhook.id, id: CallbackID("msg_test"), content: Content(body: [1, 2]), now: harness.now,
                    wall: harness.wall
                ) { _ in isTested = true })
            try harness.run { isTested }
            let stamps = receiver.requests.compactMap { $0.headers["webhook-timestamp"] }
            #expect(stamps.count == 3 && stamps[0] != stamps[1])
            for request in receiver.requests {
                for key in webhook.keys {
                    let verdict = StandardWebhooks.verdict(on: request.body, by: key, now: harness.wall) {
                        request.headers[$0]
                    }
                    #expect(verdict == .good)
                }
            }
        }
    }

    @Test func withoutKeys_NothingIsSigned() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(receiver.requests.first?.headers["webhook-signature"] == nil)
        }
    }

    // MARK: - Secrecy

    @Test func key_IsNotPrinted() {
        var webhook = Webhook.example(url: "http://a/")
        webhook.keys = [Self.a]
        var dumped = ""
        dump(webhook, to: &dumped)
        for text in ["\(webhook)", String(reflecting: webhook), dumped, "\(Self.a)", String(describing: [Self.a])] {
            #expect(!text.contains("\(Self.a.bytes[0]), \(Self.a.bytes[1])"))
        }
    }
}

extension SigningKey {
    fileprivate init(base64: String) {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bits = 0
        var value = 0
        var bytes: [UInt8] = []
        for digit in base64.utf8 {
            guard let number = digits.firstIndex(of: digit) else { break }
            (value, bits) = ((value << 6 | number) & 0xffff, bits + 6)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: value >> bits))
            }
        }
        self.init(bytes: bytes)
    }
}
