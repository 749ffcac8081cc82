@testable import Core
import Testing

/// A snapshot is all that is there: the difference counts as attached and detached.
struct SnapshotTests {
    private let phones = (1...5).map { USBDevice.android("\($0)", port: "1-\($0)", number: $0) }

    @Test func difference_isTold() {
        var lab = Scenario.running()
        lab.snapshot(phones[0], phones[1])
        lab.snapshot(phones[1], phones[2])
        lab.wait(.seconds(2))
        #expect(lab.told() == ["1 online", "2 online", "3 online", "1 unplugged"])
    }

    @Test func repetition_isNothing() {
        var lab = Scenario.running()
        lab.snapshot(phones[0], phones[1])
        _ = lab.takeActions()
        for _ in 0..<10 {
            lab.snapshot(phones[0], phones[1])
            lab.attach(phones[0])
            lab.wait(.seconds(30))
        }
        #expect(lab.takeActions().isEmpty)
    }

    @Test func registry_holdsOnlyPhones() {
        var lab = Scenario.running()
        lab.snapshot(phones[0], .stick(port: "1-9"))
        #expect(lab.tracker.registry.positions == [phones[0].position])
    }

    @Test func phone_isForgotten_whenItsPositionShowsAnother() {
        var lab = Scenario.running()
        lab.attach(.android("A"))
        lab.attach(.stick())
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A online", "A unplugged"])
        #expect(lab.tracker.registry.positions.isEmpty)
    }

    @Test func lastOne_counts_whenASnapshotShowsTwoDevicesOnOnePort() {
        var lab = Scenario.running()
        lab.snapshot(.android("A", number: 2), .android("B", number: 3))
        lab.wait(.seconds(60))
        #expect(lab.status(of: "B") == .online && lab.status(of: "A") == .unplugged)
        #expect(lab.tracker.registry.positions == [.on("1-1", 3)])
    }
}
