import Core
import TestSupport
import Testing

@testable import Delivery

/// What holds for any order of inputs.
@Suite struct DispatcherPropertyTests {
    /// Drives a dispatcher with random inputs beside a model that is too simple to be wrong.
    struct Run {
        var random: SeededGenerator
        var dispatcher: Dispatcher
        var limits: DeliveryLimits
        var now = MonotonicTime(nanoseconds: 0)
        var used: Set<WebhookID> = []
        var suspended: Set<WebhookID> = []
        var enqueued: [Lane: Int64] = [:]
        var accepted: [Lane: Int64] = [:]
        var failures: [Lane: Int] = [:]
        var notBefore: [Lane: MonotonicTime] = [:]
        var inFlight: Set<Lane> = []
        /// In flight, and taken back meanwhile.
        var doomed: Set<Lane> = []

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            limits = DeliveryLimits(
                maxConcurrent: Int.random(in: 1...6, using: &random),
                maxPerWebhook: Int.random(in: 1...3, using: &random))
            dispatcher = Dispatcher(limits: limits)
        }

        mutating func lane() -> Lane {
            .example(Int64.random(in: 1...3, using: &random), "d\(Int.random(in: 0..<4, using: &random))")
        }

        mutating func step() {
            switch Int.random(in: 0..<100, using: &random) {
            case ..<30: enqueue()
            case ..<70: claim()
            case ..<90: end()
            case ..<92: cancel()
            case ..<95: now = now + .milliseconds(Int64.random(in: 0...20_000, using: &random))
            case ..<96: suspend(Set((1...3).filter { _ in Bool.random(using: &random) }.map(WebhookID.init)))
            case ..<98: use(Set((1...3).filter { _ in Bool.random(using: &random) }.map(WebhookID.init)))
            default:
                limits = DeliveryLimits(
                    maxConcurrent: Int.random(in: 1...6, using: &random),
                    maxPerWebhook: Int.random(in: 1...3, using: &random))
                dispatcher.limits = limits
            }
            #expect(dispatcher.inFlight == inFlight.count)
            let open = enqueued.map { lane, last in Int(last - accepted[lane, default: 0]) }.reduce(0, +)
            #expect(dispatcher.waiting == open - inFlight.count)
        }

        mutating func enqueue() {
            let lane = lane()
            let sequence = enqueued[lane, default: 0] + 1
            enqueued[lane] = sequence
            dispatcher.enqueue(.example(lane, sequence: sequence), due: nil)
        }

        mutating func cancel() {
            let lanes = Set([lane(), lane()])
            // What was taken back before is not taken back again.
            let pending = lanes.map { lane in
                Int(enqueued[lane, default: 0] - accepted[lane, default: 0]) - (doomed.contains(lane) ? 1 : 0)
            }.reduce(0, +)
            #expect(dispatcher.cancel(where: lanes.contains).count == pending)
            for lane in lanes where enqueued[lane] != nil {
                failures[lane] = nil
                notBefore[lane] = nil
                accepted[lane] = enqueued[lane]
                if inFlight.contains(lane) {
                    accepted[lane, default: 0] -= 1
                    doomed.insert(lane)
                }
            }
        }

        mutating func use(_ ids: Set<WebhookID>) {
            used = ids
            dispatcher.use(ids.map(\.value))
        }

        /// What is resumed is tried at once.
        mutating func suspend(_ ids: Set<WebhookID>) {
            let resumed = suspended.subtracting(ids)
            notBefore = notBefore.filter { !resumed.contains($0.key.webhook) }
            suspended = ids
            dispatcher.suspend(ids, at: now)
        }

        mutating func claim() {
            guard let pending = dispatcher.claim(at: now) else {
                #expect(dispatcher.nextDeadline.map { $0 > now } ?? true, "it has something, and did not give it")
                return
            }
            let lane = pending.callback.lane
            #expect(inFlight.insert(lane).inserted, "two in flight in one lane")
            #expect(pending.callback.sequence == accepted[lane, default: 0] + 1, "out of order")
            #expect(pending.attempts == failures[lane, default: 0])
            #expect(notBefore[lane].map { $0 <= now } ?? true, "too early")
            #expect(used.contains(lane.webhook) && !suspended.contains(lane.webhook), "held, and sent")
            #expect(inFlight.count <= limits.maxConcurrent)
            #expect(inFlight.filter { $0.webhook == lane.webhook }.count <= limits.maxPerWebhook)
        }

        mutating func end() {
            guard let lane = inFlight.randomElement(using: &random) else { return }
            inFlight.remove(lane)
            switch Int.random(in: 0..<10, using: &random) {
            case ..<6: accept(lane)
            case ..<9 where doomed.contains(lane):
                settle(lane)
                dispatcher.fail(lane, at: now)
            case 9 where doomed.contains(lane):
                settle(lane)
                dispatcher.cancelled(lane)
            case ..<9:
                failures[lane, default: 0] += 1
                guard case .again(let due, _) = dispatcher.fail(lane, at: now) else {
                    Issue.record("given up")
                    return
                }
                notBefore[lane] = due
            default: dispatcher.cancelled(lane)
            }
        }

        mutating func accept(_ lane: Lane) {
            settle(lane)
            dispatcher.accepted(lane)
        }

        mutating func settle(_ lane: Lane) {
            accepted[lane, default: 0] += 1
            failures[lane] = nil
            notBefore[lane] = nil
            doomed.remove(lane)
        }

        /// The receivers are well again: everything must go, and nothing be left that would wake anybody.
        mutating func drain() {
            use([WebhookID(1), WebhookID(2), WebhookID(3)])
            suspend([])
            for lane in inFlight { accept(lane) }
            inFlight = []
            while let deadline = dispatcher.nextDeadline {
                now = max(now, deadline)
                claim()
                for lane in inFlight { accept(lane) }
                inFlight = []
            }
            #expect(accepted == enqueued)
            #expect((dispatcher.inFlight, dispatcher.waiting) == (0, 0))
        }
    }

    @Test(arguments: Blocks.of(40)) func dispatcher_KeepsOrderAndLimits_AndLosesNothing(_ block: UInt64) {
        for seed in block * 50..<(block + 1) * 50 {
            var run = Run(seed: seed)
            for _ in 0..<200 { run.step() }
            run.drain()
        }
    }
}
