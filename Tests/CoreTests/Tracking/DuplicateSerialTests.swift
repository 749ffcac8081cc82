import Core
import Testing

/// Two phones with one serial, and the configuration's way out: ports.
struct DuplicateSerialTests {
    private let one = USBDevice.android("X", port: "1-1", number: 2)
    private let two = USBDevice.android("X", port: "1-2", number: 3)
    private let ports = ["1", "2"].map {
        ListedDevice(udid: "bench-\($0)", name: "Bench \($0)", port: "pci-0000:00:14.0-usb-0:\($0)")
    }

    private func twins() -> Scenario {
        var lab = Scenario.running()
        lab.attach(one)
        lab.attach(two)
        return lab
    }

    @Test func twins_areOfflineOnce_afterSettleAndHold() {
        var lab = twins()
        #expect(lab.told() == ["X online"])
        lab.wait(.milliseconds(6_499))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["X offline (duplicateSerial)"])
        lab.snapshot(one, two)
        lab.hear(.ready, of: "X")
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func twins_areNoted_withTheirPorts() {
        var lab = twins()
        lab.wait(.seconds(2))
        #expect(
            lab.notes() == [
                .moved(UDID("X"), from: PortPath("1-1"), to: PortPath("1-2")),
                .duplicateSerial(UDID("X"), [PortPath("1-1"), PortPath("1-2")]),
            ])
    }

    @Test func twins_areBothShown_asLongAsTheyAreThere() {
        var lab = twins()
        lab.wait(.seconds(10))
        let places = { (lab: Scenario) in lab.tracker.phone(UDID("X"))?.places.map(\.port) }
        #expect(places(lab) == [PortPath("1-1"), PortPath("1-2")])
        lab.detach(one)
        #expect(places(lab) == [PortPath("1-2")])
        lab.detach(two)
        lab.wait(.seconds(10))
        #expect(places(lab) == [])
        #expect(lab.record(of: "X")?.port == PortPath("1-2"))
    }

    @Test func twins_haveNotMoved_whenTheyAreReadAgain() {
        var lab = twins()
        _ = lab.notes()
        lab.attach(.android("X", port: "1-1", number: 2, product: "Pixel 8"))
        #expect(lab.notes() == [])
    }

    @Test func twins_tellNothingMore_whileOneComesAndGoes() {
        var lab = twins()
        lab.wait(.seconds(10))
        for _ in 0..<10 {
            lab.detach(two)
            lab.wait(.seconds(10))
            lab.attach(two)
            lab.wait(.seconds(10))
        }
        #expect(lab.told() == ["X online", "X offline (duplicateSerial)"])
    }

    @Test func twins_areUnplugged_whenTheLastOfThemLeft() {
        var lab = twins()
        lab.wait(.seconds(10))
        lab.detach(one)
        lab.detach(two)
        lab.wait(.seconds(10))
        lab.attach(one)
        #expect(lab.told() == ["X online", "X offline (duplicateSerial)", "X unplugged", "X online"])
    }

    @Test func twin_isForgiven_whenItLeftBeforeAnythingWasTold() {
        var lab = twins()
        lab.wait(.seconds(3))
        lab.detach(two)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X online"])
    }

    @Test func twins_refuseSessions() {
        var lab = twins()
        lab.wait(.seconds(10))
        _ = lab.told()
        lab.start("s", on: "X")
        #expect(lab.answers() == ["session s refused: duplicateSerial"])
    }

    // MARK: - Tied to ports

    @Test func boundTwins_goByTheirPorts_afterTheSettle() {
        var lab = Scenario.running(listed: ports)
        lab.attach(one)
        lab.attach(two)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X online", "X unplugged", "bench-1 online", "bench-2 online"])
    }

    @Test func boundTwins_tellNothingOfTheSerial_whenOneSnapshotShowsBoth() {
        var lab = Scenario.running(listed: ports)
        lab.snapshot(one, two)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X unplugged, silent", "bench-1 online", "bench-2 online"])
    }

    @Test func boundTwin_keepsItsName_whenTheOtherIsGone() {
        var lab = Scenario.running(listed: ports)
        lab.snapshot(one, two)
        lab.wait(.seconds(60))
        _ = lab.told()
        lab.detach(one)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["bench-1 unplugged"])
        lab.attach(two.again(number: 9))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    /// Only together could they be told for two; what was seen then holds for the one that is there.
    @Test func boundTwin_keepsItsName_whenTheAgentStartsWithOneOfThem() throws {
        var before = Scenario.running(listed: ports)
        before.snapshot(one, two)
        before.wait(.seconds(60))
        let known = ["X", "bench-1", "bench-2"].compactMap { before.record(of: $0) }
        #expect(known.map(\.reported) == [.unplugged, .online, .online])
        let state = TrackerState(devices: known, nextEvent: EventNumber(100))
        var lab = Scenario(listed: ports, state: state, at: before.now)
        lab.snapshot(two)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["bench-1 unplugged"])
    }

    @Test func sharedSerial_isAnIdentityAgain_whenItIsForgotten() {
        var lab = Scenario.running(listed: ports)
        lab.snapshot(one, two)
        lab.wait(.seconds(60))
        lab.snapshot()
        lab.wait(.seconds(60))
        lab.handle(.deviceForgotten(UDID("X")))
        _ = lab.told()
        lab.attach(one)
        #expect(lab.told() == ["X online"])
    }

    @Test func twin_keepsTheSerial_whenOnlyTheOtherIsBound() {
        var lab = Scenario.running(listed: [ports[1]])
        lab.attach(one)
        lab.attach(two)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X online", "bench-2 online"])
    }

    @Test func boundTwin_isNotWatched_whenItsPortIsIgnored() {
        var ignored = ports[1]
        ignored.isIgnored = true
        var lab = Scenario.running(listed: [ignored])
        lab.attach(one)
        lab.attach(two)
        lab.wait(.seconds(60))
        lab.detach(one)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X online", "X unplugged"])
    }

    /// The port names only a phone without a serial of its own, and a move that overlaps is one phone.
    @Test func overlappingMove_keepsTheSerial_whenItEndsOnABoundPort() {
        var lab = Scenario.running(listed: ports)
        lab.attach(one)
        lab.attach(two)
        lab.wait(.seconds(1))
        lab.detach(one)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["X online"])
    }

    @Test(arguments: Identity.factorySerials.sorted())
    func factorySerial_goesByItsPort_evenWhenItIsAlone(_ serial: String) {
        var lab = Scenario.running(listed: ports)
        lab.attach(.android(serial, port: "1-1"))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["bench-1 online"])
    }

    @Test func factorySerial_isAnIdentity_whenNoPortIsBound() {
        var lab = Scenario.running()
        lab.attach(.android("0123456789ABCDEF"))
        #expect(lab.told() == ["0123456789ABCDEF online"])
    }
}
