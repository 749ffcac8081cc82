import Core
import Delivery
import Testing

/// Where callbacks may go to, by the address that would be connected to.
@Suite struct AddressTests {
    private static let loopback = AddressRules(
        deny: [AddressRange("127.0.0.0/8"), AddressRange("::1")].compactMap(\.self))

    /// Nothing goes out: these would be tried, and some of them answer on a cloud's machine.
    @Test(arguments: [
        "169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "0xa9.254.0xa9fe",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[fd00:ec2::254]", "[fe80::1]", "0",
        "0.0.0.0",
        "[::]", "224.0.0.1", "[ff02::1]", "255.255.255.255",
    ])
    func callback_IsHeld_WhenItsReceiverHasAnAddressThatNoReceiverHas(host: String) throws {
        let harness = try Harness([.example(url: "http://\(host)/latest/meta-data/")])
        harness.enqueue(.example())
        try harness.run(attempts: 1)
        let attempt = try #require(harness.attempts.first)
        #expect(attempt.outcome == .blocked)
        #expect(attempt.wireSends == 0)
        #expect(attempt.detail.hasSuffix("nothing is sent there"))
        #expect(harness.delivery.waiting == 1)
        #expect(harness.delivery.opening(of: WebhookID(129))?.cause == .blocked)
    }

    @Test(arguments: ["127.0.0.1", "2130706433", "0x7f.1", "localhost"])
    func callback_IsSent_OnceItsAddressIsPermitted(host: String) throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let url = receiver.url().replacing("127.0.0.1", with: host)
            let harness = try Harness([.example(url: url)])
            harness.delivery.use(addresses: Self.loopback, now: harness.now)
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(harness.attempts.map(\.outcome) == [.blocked])
            #expect(receiver.requests.isEmpty)
            // At once, not after the hours that a receiver that is away may have to wait.
            harness.delivery.use(addresses: AddressRules(), now: harness.now)
            try harness.run(attempts: 2)
            #expect(harness.attempts.map(\.outcome) == [.blocked, .accepted])
        }
    }

    @Test func rules_OfAWebhook_ActOnItAlone() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            var denied = Webhook.example(1, url: receiver.url())
            denied.addresses = Self.loopback
            let harness = try Harness([denied, .example(2, url: receiver.url())])
            harness.enqueue(.example(.example(1)), .example(.example(2)))
            try harness.run(attempts: 2)
            #expect(Set(harness.attempts.map { "\($0.callback) \($0.outcome)" }).count == 2)
            #expect(receiver.requests.map { $0.headers["webhook-id"]?.hasPrefix("msg_2-") } == [true])
            denied.addresses = AddressRules()
            harness.delivery.use(webhooks: [denied, .example(2, url: receiver.url())], now: harness.now)
            try harness.run(attempts: 3)
            #expect(harness.attempts.last?.outcome == .accepted)
        }
    }

    /// The connection was made when that was permitted.
    @Test func connection_IsNotUsedAgain_WhenItsPeerIsDeniedNow() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            for sequence in 1...2 as ClosedRange<Int64> { harness.enqueue(.example(sequence: sequence)) }
            try harness.run(attempts: 2)
            #expect(harness.delivery.totals.connections == [.new: 1, .reused: 1])
            harness.delivery.use(addresses: Self.loopback, now: harness.now)
            harness.enqueue(.example(sequence: 3))
            try harness.run(attempts: 3)
            let attempt = try #require(harness.attempts.last)
            #expect((attempt.outcome, attempt.wireSends) == (.blocked, 0))
            #expect(attempt.detail.contains("127.0.0.1 is in 127.0.0.0/8, which is denied"))
            #expect(receiver.requests.count == 2)
        }
    }

    /// One of a name's addresses is refused, another answers: that is a receiver like any other.
    @Test func callback_IsSent_ToThatAddressOfANameThatIsPermitted() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url().replacing("127.0.0.1", with: "localhost"))])
            harness.delivery.use(
                addresses: AddressRules(deny: [AddressRange("::/0")].compactMap(\.self)), now: harness.now)
            harness.enqueue(.example())
            try harness.run(attempts: 1)
            #expect(harness.attempts.map(\.outcome) == [.accepted])
        }
    }

    @Test func probe_KeepsToThePolicy() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let policy = AddressPolicy(host: Self.loopback)
            let failure = #expect(throws: ReceiverProbe.Failure.self) {
                try ReceiverProbe.reach(receiver.url(), policy: policy, within: .seconds(5))
            }
            #expect(failure?.outcome == .blocked)
            #expect(failure?.words.hasPrefix("127.0.0.1 is in 127.0.0.0/8") == true)
            try ReceiverProbe.reach(receiver.url(), within: .seconds(5))
        }
    }

    /// An Appium server is on this host or near it.
    @Test func question_IsAsked_ThoughReceiversMustBePublic() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let near = Question.ask(receiver.url(), from: AddressRules(publicOnly: true), as: "t", within: .seconds(5))
            #expect(near.outcome == .accepted)
            let denied = Question.ask(receiver.url(), from: Self.loopback, as: "t", within: .seconds(5))
            #expect(denied.outcome == .blocked)
            let link = Question.ask("http://169.254.169.254/", from: AddressRules(), as: "t", within: .seconds(5))
            #expect(link.outcome == .blocked)
        }
    }
}
