import Core
import Sensors
import Testing

/// The sensor against a scripted usbmuxd on a real socket.
struct USBMuxSensorTests {
    private let host: USBMuxHarness
    private let long = "00008110-000A1B2C3D4E5F60"

    init() throws { host = try USBMuxHarness() }

    @Test func phone_isReady_whenItTrustsTheHost() throws {
        let daemon = try host.start()
        daemon.isTorn = true
        daemon.records = ["00008110000A1B2C3D4E5F60"]
        daemon.attach(3, "00008110000A1B2C3D4E5F60", location: 1 << 16 | 9)
        try host.run { host.verdicts[long] == .ready }
        let phone = SensedPhone(
            source: host.source, place: .bus(1, device: 9), serial: long, verdict: .ready,
            facts: PhoneFacts(name: "DeviceName of 3", model: "ProductType of 3", osVersion: "ProductVersion of 3"))
        #expect(host.last == [phone])
        #expect(host.link == [.found(host.source)])
        #expect(host.reports.first == .found(host.source))
        try host.run { daemon.phoneConnections == 0 }
        let expected = [
            "Listen", "ReadPairRecord 00008110000A1B2C3D4E5F60", "ReadBUID", "Connect 3", "3 QueryType",
            "3 GetValue DeviceName", "3 GetValue ProductType", "3 GetValue ProductVersion", "3 StartSession",
        ]
        #expect(daemon.requests == expected)
        // Ready is settled: there is nothing more to wait for.
        #expect(host.sensor.nextDeadline == nil)
    }

    @Test func list_isToldOnce_whenUsbmuxdIsFoundWithPhonesOrWithout() throws {
        let daemon = try host.start()
        try host.run { host.last != nil }
        #expect(host.reports == [.found(host.source), .phones([])])
        daemon.attach(1, "A")
        try host.run { host.last?.count == 1 }
        daemon.detach(1)
        try host.run { host.last == [] }
        #expect(host.link.count == 1)
    }

    @Test func phone_becomesReady_whenItIsPaired() throws {
        let daemon = try host.start()
        daemon.attach(1, "A")
        try host.run { host.verdicts == ["A": .notReady(.untrusted)] }
        #expect(host.last?.first?.facts?.name == "DeviceName of 1")
        #expect(!daemon.requests.contains("1 StartSession"))
        daemon.records = ["A"]
        daemon.paired(1)
        try host.run { host.verdicts == ["A": .ready] }
    }

    @Test func phone_becomesReady_whenItIsUnlocked() throws {
        let daemon = try host.start()
        daemon.records = ["A"]
        daemon.attach(1, "A", .refuses("PasswordProtected"))
        try host.run { host.verdicts == ["A": .notReady(.locked)] }
        daemon.phones[1] = .trusts
        host.skip(.seconds(2))
        try host.run { host.verdicts == ["A": .ready] }
    }

    @Test func phone_isAskedAtOnce_whenSomebodyWantsToUseIt() throws {
        let daemon = try host.start()
        daemon.records = ["A"]
        daemon.attach(1, "A", .refuses("PasswordProtected"))
        try host.run { host.verdicts == ["A": .notReady(.locked)] && daemon.phoneConnections == 0 }
        // Until it is asked half a minute later only.
        for _ in 1...4 {
            host.skipToDeadline()
            try host.runUntilIdle()
        }
        daemon.phones[1] = .trusts
        host.sensor.lookAgain(at: UDID("A"), now: host.now)
        try host.run { host.verdicts == ["A": .ready] }
    }

    @Test(arguments: ["InvalidHostID", "UserDeniedPairing", "PairingDialogResponsePending"])
    func phone_isUntrusted_whenItSaysSo(error: String) throws {
        let daemon = try host.start()
        daemon.records = ["A"]
        daemon.attach(1, "A", .refuses(error))
        try host.run { host.verdicts == ["A": .notReady(.untrusted)] }
    }

    @Test func phonesThatHang_delayNobody() throws {
        let daemon = try host.start()
        daemon.records = Set((1...9).map { "S\($0)" })
        for id in 1...3 { daemon.attach(id, "S\(id)", .hangs) }
        for id in 4...9 { daemon.attach(id, "S\(id)") }
        try host.run { (4...9).allSatisfy { host.verdicts["S\($0)"] == .ready } }
        #expect((1...3).allSatisfy { host.verdicts["S\($0)"] == .unknown })
        #expect(daemon.phoneConnections == 3)
        // The limit ends them; they are asked again later, two at a time.
        host.skip(.seconds(5))
        try host.run { daemon.phoneConnections == 0 }
        host.skip(.seconds(3))
        try host.run { daemon.phoneConnections == 2 }
        daemon.attach(10, "S10")
        try host.run { host.verdicts["S10"] == .notReady(.untrusted) }
    }

    @Test func phone_isForgotten_whenItLeavesWhileItIsAsked() throws {
        let daemon = try host.start()
        daemon.attach(1, "A", .hangs)
        try host.run { daemon.phoneConnections == 1 && host.last?.count == 1 }
        daemon.detach(1)
        try host.run { host.last == [] }
        host.skip(.seconds(60))
        try host.runUntilIdle()
        #expect(host.last == [])
    }

    @Test func networkEntries_areIgnored_andTheirEndTakesNothingAway() throws {
        let daemon = try host.start()
        daemon.attach(1, "A")
        daemon.attach(2, "A", type: "Network")
        daemon.attach(3, "B", type: "Network")
        try host.run { host.verdicts == ["A": .notReady(.untrusted)] }
        daemon.detach(2)
        daemon.detach(77)
        daemon.attach(4, "C")
        try host.run { host.last?.count == 2 }
        #expect(host.last?.map(\.serial) == ["A", "C"])
        #expect(!daemon.requests.contains("ReadPairRecord B"))
    }

    @Test func nonsense_isNoReasonToLeave_butABrokenStreamIs() throws {
        let daemon = try host.start()
        try host.run { host.last != nil }
        daemon.say([20, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0] + Array("{ }}".utf8))
        daemon.attach(1, "A")
        try host.run { host.last?.count == 1 }
        #expect(host.sensor.misunderstood == 1)
        daemon.say([UInt8](repeating: 0xff, count: 16))
        try host.run { host.link.count == 3 }
        #expect(host.link[1] == .lost(host.source, why: "a message of 4294967295 bytes"))
        #expect(host.link[2] == .found(host.source))
    }
}
