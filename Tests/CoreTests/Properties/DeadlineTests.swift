@testable import Core
import TestSupport
import Testing

/// The deadline that the agent sleeps until.
struct DeadlineTests {
    @Test(arguments: Blocks.of(20)) func deadline_alwaysMakesProgress_andNothingHappensBefore(_ block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            var inputs = RandomInputs(seed: seed)
            var tracker = inputs.scenario().tracker
            var now = MonotonicTime.start
            for _ in 0..<80 {
                _ = tracker.handle(inputs.input(at: now), at: now)
                guard let deadline = tracker.nextDeadline else { continue }
                #expect(deadline > now, "seed \(seed)")
                guard Bool.random(using: &inputs.random) else { continue }
                let before = MonotonicTime(nanoseconds: deadline.nanoseconds - 1)
                #expect(tracker.handle(.timePassed, at: before) == [], "seed \(seed)")
                #expect(tracker.nextDeadline == deadline, "seed \(seed)")
                now = deadline
                _ = tracker.handle(.timePassed, at: now)
                #expect(tracker.nextDeadline.map { $0 > deadline } ?? true, "seed \(seed)")
            }
        }
    }

    /// Every hold ends: a host where nothing happens any more has nothing to wait for but its sessions' end.
    @Test(arguments: Blocks.of(10)) func deadlines_runOut_whenNothingHappens(_ block: UInt64) {
        for seed in (block * 50)..<(block * 50 + 50) {
            var inputs = RandomInputs(seed: seed)
            var lab = inputs.scenario()
            for _ in 0..<50 { lab.handle(inputs.input(at: lab.now)) }
            lab.wait(.seconds(100_000))
            #expect(lab.tracker.nextDeadline == nil, "seed \(seed)")
        }
    }
}
