import Core
import Testing

/// Same phone, other port; same port, other phone.
struct MoveTests {
    private let phone = USBDevice.android("A", port: "1-1")

    private func online() -> Scenario {
        var lab = Scenario.running()
        lab.attach(phone)
        _ = lab.told()
        return lab
    }

    @Test func move_isNoEvent_whenWithinTheSettle() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(phone.again(port: "1-2", number: 3))
        #expect(lab.notes() == [.moved(UDID("A"), from: PortPath("1-1"), to: PortPath("1-2"))])
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        #expect(lab.record(of: "A")?.port?.description == "1-2")
    }

    @Test func move_isTwoEvents_whenSlowerThanTheSettle() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.seconds(2))
        lab.attach(phone.again(port: "1-2", number: 3))
        #expect(lab.told() == ["A unplugged", "A online"])
    }

    /// A hub was slow to say that the phone had left.
    @Test func move_isNoEvent_whenTheNewsOverlap() {
        var lab = online()
        let moved = phone.again(port: "1-2", number: 3)
        lab.attach(moved)
        lab.wait(.seconds(1))
        lab.detach(phone)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        #expect(lab.record(of: "A")?.port?.description == "1-2")
        lab.detach(moved)
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func move_isNoEvent_whenASnapshotTellsOfItAndSettleIsZero() {
        var lab = Scenario.running(rules: .with { $0.unplugSettle = .zero })
        lab.attach(phone)
        lab.snapshot(phone.again(port: "1-2", number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A online"])
    }

    @Test func oldPhone_isUnpluggedAtOnceAndFirst_whenAnotherIsOnItsPort() {
        var lab = online()
        lab.detach(phone)
        lab.attach(.android("B", port: "1-1", number: 3))
        #expect(lab.told() == ["A unplugged", "B online"])
    }

    /// The removal of the old phone is still on its way: one port holds one device.
    @Test func oldPhone_isUnpluggedAtOnceAndFirst_whenItsRemovalIsLate() {
        var lab = online()
        lab.attach(.android("B", port: "1-1", number: 3))
        #expect(lab.told() == ["A unplugged", "B online"])
        lab.detach(phone)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func oldPhone_isUnpluggedAtOnceAndFirst_whenASnapshotShowsAnother() {
        var lab = online()
        lab.snapshot(.android("B", port: "1-1", number: 3))
        #expect(lab.told() == ["A unplugged", "B online"])
    }

    @Test func swap_isNoEvent_whenASnapshotTellsOfBoth() {
        var lab = online()
        lab.attach(.android("B", port: "1-2", number: 3))
        _ = lab.told()
        lab.snapshot(.android("B", port: "1-1", number: 4), .android("A", port: "1-2", number: 5))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func oldPhone_waitsForTheSettle_whenAnotherIsOnAnotherPort() {
        var lab = online()
        lab.detach(phone)
        lab.attach(.android("B", port: "1-2", number: 3))
        #expect(lab.told() == ["B online"])
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func firstPhone_isUnpluggedAtOnce_whenARereadShowsAnotherSerial() {
        var lab = online()
        var other = phone
        other.serial = "B"
        lab.attach(other)
        #expect(lab.told() == ["A unplugged", "B online"])
    }

    @Test func serial_isKept_whenALaterReadLacksIt() {
        var lab = online()
        var other = phone
        (other.serial, other.product) = (nil, "Pixel 8")
        lab.attach(other)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        #expect(lab.record(of: "A")?.name == "Pixel 8")
    }
}
