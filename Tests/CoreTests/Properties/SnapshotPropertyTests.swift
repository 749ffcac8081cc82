@testable import Core
import TestSupport
import Testing

struct SnapshotPropertyTests {
    /// Whatever was there before: afterwards there is what the snapshot shows.
    @Test(arguments: Blocks.of(20)) func registry_equalsTheSnapshot_whateverCameBefore(_ block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            var inputs = RandomInputs(seed: seed)
            var lab = inputs.scenario()
            for _ in 0..<40 {
                lab.wait(inputs.pause())
                lab.handle(inputs.input(at: lab.now))
            }
            // Phones that only their vendor speaks for count where they are known, and `I` never.
            let rules = DetectionRules()
            let snapshot = inputs.snapshot().filter {
                $0.serial != "I" && Recognition($0, rules: rules)?.isCertain != false
            }
            lab.handle(.snapshotTaken(snapshot))
            let phones = snapshot.filter { Recognition($0, rules: rules) != nil }
            #expect(Set(lab.tracker.registry.positions) == Set(phones.map(\.position)), "seed \(seed)")
            for (udid, device) in lab.tracker.devices {
                #expect(Set(device.positions).isSubset(of: phones.map(\.position)), "seed \(seed)")
                #expect((device.presence == .present) == !device.positions.isEmpty, "seed \(seed): \(udid)")
            }
            lab.wait(.seconds(100))
            for (udid, device) in lab.tracker.devices where device.positions.isEmpty && device.record.reported != nil {
                #expect(device.record.reported == .unplugged, "seed \(seed): \(udid)")
            }
        }
    }
}
