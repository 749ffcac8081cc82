import Core
import TestSupport
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        // The kernel sends to the IPv4 address.
        ("::ffff:169.254.169.254", "169.254.169.254"), ("::FFFF:a9fe:a9fe", "169.254.169.254"),
    ])
    func text_IsRead_AndWrittenAsRFC5952Does(text: String, written: String) throws {
        #expect(try #require(IPAddress(text)).description == written)
    }

    @Test(arguments: [
        "", "1", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "+1.2.3.4",
        "1.2.3.",
        ":", ":::", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3", "1.2.3.4::",
        "fe80::1%eth0",
        "[::1]", "::ffff:1.2.3.4:5", "1:2:3:4:5:6:7::8:9", " ::1", "١.2.3.4",
    ])
    func text_IsRefused_WhenItIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    /// Whatever bytes: the text is read as what it was written for.
    @Test func bytes_AreTheSame_AfterTheirText() throws {
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            for count in [4, 16] {
                // Many zeros, so that the gap is found.
                let bytes = (0..<count).map { _ in
                    Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
                }
                let address = try #require(IPAddress(bytes))
                #expect(IPAddress(address.description) == address, "seed \(seed)")
            }
        }
        #expect(IPAddress([1, 2, 3]) == nil)
        #expect(IPAddress([UInt8](repeating: 0, count: 17)) == nil)
    }

    @Test(arguments: [
        ("64:ff9b::a9fe:a9fe", "169.254.169.254"), ("2002:a9fe:a9fe::1", "169.254.169.254"),
        ("::a9fe:a9fe", "169.254.169.254"),
        ("::1", nil), ("::", nil), ("169.254.169.254", nil), ("2001:db8::a9fe:a9fe", nil),
        ("64:ff9b:1::a9fe:a9fe", nil),
    ])
    func embeddedAddress_IsTheOneThatIsSentTo(outer: String, inner: String?) throws {
        #expect(try #require(IPAddress(outer)).embedded?.description == inner)
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("10.1.2.3", "10.1.2.3", "10.1.2.2"),
        ("0.0.0.0/0", "8.8.8.8", "::1"),
        ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"), ("::/0", "2001:db8::1", "10.0.0.1"),
        ("fe80::/10", "febf::1", "fec0::1"), ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
    ])
    func range_HasWhatBeginsWithTheSameBits(text: String, inside: String, outside: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.description == text)
        #expect(range.contains(try #require(IPAddress(inside))))
        #expect(!range.contains(try #require(IPAddress(outside))))
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "::1/64", "a/8",
    ])
    func text_IsRefused_WhenItIsNoRange(text: String) {
        #expect(AddressRange(text) == nil)
    }
}

@Suite struct AddressPolicyTests {
    private func policy(host: AddressRules = AddressRules(), _ webhook: AddressRules = AddressRules()) -> AddressPolicy
    {
        AddressPolicy(host: host, webhook: webhook)
    }

    private func rules(allow: [String] = [], deny: [String] = [], publicOnly: Bool = false) -> AddressRules {
        AddressRules(
            allow: allow.compactMap { AddressRange($0) }, deny: deny.compactMap { AddressRange($0) },
            publicOnly: publicOnly)
    }

    private func permits(_ policy: AddressPolicy, _ address: String) throws -> Bool {
        policy.objection(to: try #require(IPAddress(address))) == nil
    }

    @Test(arguments: [
        "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::",
        "::169.254.169.254", "fe80::1", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192",
        "168.63.129.16",
        "224.0.0.1", "239.255.255.250", "ff02::1", "255.255.255.255", "0.0.0.0", "0.1.2.3", "::", "64:ff9b::224.0.0.1",
    ])
    func address_IsRefused_WhenNoReceiverHasIt(address: String) throws {
        let refused = try #require(IPAddress(address))
        #expect(policy().objection(to: refused) != nil)
        #expect(policy(rules(allow: ["10.0.0.0/8"])).objection(to: refused) != nil)
    }

    @Test(arguments: [
        "127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "8.8.8.8",
        "2606:4700::1111",
        "64:ff9b::8.8.8.8", "2002:808:808::", "203.0.113.1", "240.0.0.1",
    ])
    func address_IsPermitted_WhenAReceiverMayHaveIt(address: String) throws {
        #expect(try permits(policy(), address))
    }

    @Test(arguments: [
        "127.0.0.1", "::1", "10.1.2.3", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd00::1", "203.0.113.1",
        "240.0.0.1",
        "64:ff9b::10.1.2.3", "2002:a01:203::", "2001:db8::1", "fec0::1", "4000::1", "169.254.1.1", "2001::1",
    ])
    func address_IsRefused_WhenItIsNotPublic_AndMustBe(address: String) throws {
        for policy in [policy(host: rules(publicOnly: true)), policy(rules(publicOnly: true))] {
            #expect(try !permits(policy, address))
            #expect(
                try permits(policy, "8.8.8.8") && permits(policy, "2606:4700::1111") && permits(policy, "172.32.0.1"))
            #expect(try permits(policy, "64:ff9b::8.8.8.8"))
        }
    }

    @Test func allowedAddress_IsPermitted_WhereverItIs() throws {
        for allow in [policy(host: rules(allow: ["169.254.7.0/24"])), policy(rules(allow: ["169.254.7.0/24"]))] {
            #expect(try permits(allow, "169.254.7.9") && permits(allow, "::ffff:169.254.7.9"))
            #expect(try !permits(allow, "169.254.8.9"))
        }
        #expect(try permits(policy(host: rules(publicOnly: true), rules(allow: ["10.0.0.0/8"])), "10.1.1.1"))
    }

    @Test func longestRange_Decides() throws {
        let only = policy(rules(allow: ["10.1.0.0/16"], deny: ["0.0.0.0/0", "::/0"]))
        #expect(try permits(only, "10.1.2.3"))
        #expect(try !permits(only, "10.2.2.3") && !permits(only, "8.8.8.8") && !permits(only, "2606:4700::1"))
        let hole = policy(rules(allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"]))
        #expect(try permits(hole, "10.2.2.3") && !permits(hole, "10.1.2.3"))
        #expect(try !permits(policy(rules(allow: ["10.0.0.0/8"], deny: ["10.0.0.0/8"])), "10.1.1.1"))
    }

    @Test func webhook_UndoesNothing_ThatTheHostDenies() throws {
        let denied = policy(host: rules(deny: ["10.0.0.0/8"]), rules(allow: ["10.1.1.1"]))
        #expect(try !permits(denied, "10.1.1.1"))
        let narrowed = policy(host: rules(allow: ["10.0.0.0/8"]), rules(deny: ["10.1.0.0/16"]))
        #expect(try !permits(narrowed, "10.1.1.1") && permits(narrowed, "10.2.1.1"))
    }

    /// What stands for an address that is refused says so.
    @Test func objection_SaysWhy() throws {
        let words = policy().objection(to: try #require(IPAddress("64:ff9b::169.254.169.254")))
        #expect(words?.hasPrefix("stands for 169.254.169.254, which is a link-local address") == true)
        let denied = policy(rules(deny: ["10.0.0.0/8"])).objection(to: try #require(IPAddress("10.1.1.1")))
        #expect(denied == "is in 10.0.0.0/8, which is denied")
    }
}
