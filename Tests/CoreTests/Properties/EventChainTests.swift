@testable import Core
import TestSupport
import Testing

/// What holds of the events of any input sequence.
struct EventChainTests {
    @Test(arguments: Blocks.of(20)) func events_areOneChainPerPhone_whateverComes(_ block: UInt64) {
        for seed in (block * 200)..<(block * 200 + 200) {
            var inputs = RandomInputs(seed: seed)
            var lab = inputs.scenario()
            var last: [UDID: Status] = [:]
            var number: Int64 = 1
            for _ in 0..<80 {
                lab.wait(inputs.pause())
                lab.handle(inputs.input(at: lab.now))
                for event in lab.recorded() {
                    #expect(event.number.value == number, "seed \(seed)")
                    number += 1
                    #expect(event.previous == last[event.device], "seed \(seed)")
                    if event.session != nil {
                        #expect(event.isSilent && event.status == event.previous ?? .unplugged, "seed \(seed)")
                        continue
                    }
                    #expect(event.previous != event.status, "seed \(seed)")
                    #expect(event.isSilent || (event.previous, event.status) != (.utilizing, .online), "seed \(seed)")
                    #expect((event.reason != nil) == (event.status == .offline), "seed \(seed)")
                    last[event.device] = event.status
                }
                for (udid, device) in lab.tracker.devices where device.record.reported != last[udid] {
                    Issue.record("\(udid) is \(String(describing: device.record.reported)) untold: seed \(seed)")
                    return
                }
            }
        }
    }

    /// What the actions say is to be remembered is what a restart needs: it tells nothing new of an unchanged world.
    @Test(arguments: Blocks.of(10)) func records_areAllThatIsRemembered(_ block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            var inputs = RandomInputs(seed: seed)
            var lab = inputs.scenario()
            var remembered: [UDID: DeviceRecord] = [:]
            for _ in 0..<60 {
                lab.wait(inputs.pause())
                lab.handle(inputs.input(at: lab.now))
                for action in lab.takeActions() {
                    switch action {
                    case .remember(let record): remembered[record.udid] = record
                    case .record(let event) where event.session == nil:
                        // So that both can be written while the rest is still decided.
                        #expect(remembered[event.device]?.reported == event.status, "seed \(seed)")
                    default: break
                    }
                }
            }
            for (udid, device) in lab.tracker.devices where device.record != remembered[udid] {
                // Known from the configuration, and nothing else.
                #expect(remembered[udid] == nil && device.record.reported == nil, "seed \(seed)")
            }
        }
    }
}
