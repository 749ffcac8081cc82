@testable import Core
import TestSupport
import Testing

/// A gadget that cycles its serial fills neither the memory nor the disk.
@Suite(.enabled(if: Blocks.isWhole, "pure values by the hundred thousand: nothing for a sanitizer"))
struct BoundsTests {
    private static let most = Tracker.mostUnlisted + AttachmentRegistry.most

    private func expectBounds(_ lab: Scenario, known: Set<UDID>) {
        #expect(lab.tracker.devices.count <= Self.most)
        #expect(lab.tracker.verdicts.count <= Self.most + Tracker.mostUnlisted)
        #expect(lab.tracker.deadlines.count <= lab.tracker.devices.count)
        #expect(lab.tracker.registry.positions.count <= AttachmentRegistry.most)
        #expect(known == Set(lab.tracker.devices.keys))
    }

    /// What the disk holds after these actions.
    private func remember(_ lab: inout Scenario, _ known: inout Set<UDID>) {
        for action in lab.takeActions() {
            switch action {
            case .remember(let record): known.insert(record.udid)
            case .forget(let udid): #expect(known.remove(udid) != nil)
            default: break
            }
        }
    }

    @Test func memory_isBounded_whenSerialsCycleOnOnePort() {
        var lab = Scenario.running(sensed: [.android])
        var known: Set<UDID> = []
        for index in 0..<100_000 {
            lab.attach(.android("serial-\(index)", number: index % 127 + 1))
            lab.hear(.ready, of: "serial-\(index)")
            if index % 3 == 0 { lab.hear(.ready, of: "serial-\(index / 2)") }
            if index % 1_000 == 0 { lab.hear(.ready, of: "ghost-\(index)") }
            remember(&lab, &known)
        }
        expectBounds(lab, known: known)
        #expect(lab.tracker.devices.count <= Tracker.mostUnlisted)
    }

    /// None of these may be forgotten: those of the last run may be there, the others wait for their settle time.
    @Test func memory_isBounded_whenTheClockStandsStill() {
        let records = (0..<Tracker.mostUnlisted).map {
            DeviceRecord(udid: UDID("old-\($0)"), name: "", reported: .online)
        }
        var lab = Scenario(state: TrackerState(devices: records))
        var known = Set(records.map(\.udid))
        for index in 0..<AttachmentRegistry.most + 100 {
            let phone = USBDevice.android("serial-\(index)", port: "1-\(index)")
            lab.attach(phone)
            lab.detach(phone)
            remember(&lab, &known)
        }
        #expect(lab.tracker.devices.count == Self.most)
        expectBounds(lab, known: known)
        lab.snapshot()
        lab.wait(.seconds(60))
        remember(&lab, &known)
        expectBounds(lab, known: known)
        #expect(lab.tracker.devices.count <= Tracker.mostUnlisted)
    }

    @Test func memory_isBounded_whenSensorsAndClientsNamePhonesThatAreNot() {
        var lab = Scenario.running()
        var known: Set<UDID> = []
        for index in 0..<10_000 {
            lab.hear(.ready, of: "ghost-\(index)")
            lab.start("s", on: "phantom-\(index)")
            remember(&lab, &known)
        }
        expectBounds(lab, known: known)
        #expect(lab.tracker.devices.count <= Tracker.mostUnlisted)
    }

    @Test func snapshot_isBounded() {
        var lab = Scenario.running()
        lab.handle(.snapshotTaken((0..<5_000).map { .android("\($0)", port: "1-\($0)") }))
        #expect(lab.tracker.registry.positions.count == AttachmentRegistry.most)
        // What is gone makes room for what is there.
        let others = (0..<5).map { USBDevice.android("other-\($0)", port: "2-\($0)") }
        lab.handle(.snapshotTaken(others))
        #expect(Set(lab.tracker.registry.positions) == Set(others.map(\.position)))
    }

    // MARK: - Who is forgotten

    private func cycled(_ lab: inout Scenario, _ range: Range<Int>) {
        for index in range { lab.attach(.android("serial-\(index)", port: "1-9", number: index % 127 + 1)) }
    }

    @Test func oldest_isForgottenFirst_andWhatIsListedOrThereNever() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "listed")])
        lab.attach(.android("there", port: "1-1"))
        lab.attach(.android("away", port: "1-2"))
        lab.detach(.android("away", port: "1-2"))
        lab.wait(.seconds(2))
        _ = lab.takeActions()
        cycled(&lab, 0..<4_200)
        let forgotten = lab.takeActions().compactMap { if case .forget(let udid) = $0 { udid } else { nil } }
        #expect(forgotten.first == UDID("away") && forgotten.dropFirst().first == UDID("serial-0"))
        #expect(lab.status(of: "listed") == .unplugged && lab.status(of: "there") == .online)
        #expect(lab.status(of: "serial-4199") == .online)
    }

    /// It may be there: that it is not has to be told, and if it is, it is no news.
    @Test func restoredPhone_isNotForgotten_beforeItIsKnownWhetherItIsThere() {
        let records = (0..<Tracker.mostUnlisted).map {
            DeviceRecord(udid: UDID("old-\($0)"), name: "", reported: $0 == 0 ? .online : .unplugged)
        }
        var lab = Scenario(state: TrackerState(devices: records))
        cycled(&lab, 0..<600)
        #expect(lab.status(of: "old-0") == .online && lab.status(of: "old-1") == nil)
    }
}
