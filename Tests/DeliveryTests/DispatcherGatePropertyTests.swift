import Core
import TestSupport
import Testing

@testable import Delivery

/// What holds whatever receivers do: every callback ends once, in order, and an open gate lets one through.
@Suite struct DispatcherGatePropertyTests {
    struct Run {
        var random: SeededGenerator
        var dispatcher: Dispatcher
        var now = MonotonicTime(nanoseconds: 0)
        var backlog = Backlog.all
        var enqueued: [Lane: Int64] = [:]
        var nextEvent: Int64 = 0
        /// In flight, and those that wait, oldest first, as far as is known.
        var inFlight: [Lane: PendingCallback] = [:]
        var pending: [CallbackID: PendingCallback] = [:]
        var lastSent: [Lane: Int64] = [:]
        var endings: [CallbackID: String] = [:]

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            var limits = DeliveryLimits(
                maxConcurrent: Int.random(in: 1...6, using: &random),
                maxPerWebhook: Int.random(in: 1...3, using: &random))
            limits.maxWaiting = Int.random(in: 5...40, using: &random)
            limits.maxWaitingPerWebhook = Int.random(in: 3...20, using: &random)
            dispatcher = Dispatcher(limits: limits)
            backlog = Bool.random(using: &random) ? .all : .latest
            dispatcher.use([1, 2, 3], backlog: backlog)
        }

        mutating func end(_ id: CallbackID, as word: String) {
            #expect(endings.updateValue(word, forKey: id) == nil, "ended twice: \(id)")
            pending[id] = nil
        }

        mutating func takeSettlements() {
            for settlement in dispatcher.takeSettlements() {
                end(settlement.callback, as: settlement.ending.rawValue)
            }
        }

        mutating func step() {
            switch Int.random(in: 0..<100, using: &random) {
            case ..<30: enqueue()
            case ..<65: claim()
            case ..<93: answer()
            case ..<96: now = now + .milliseconds(Int64.random(in: 0...2_000_000, using: &random))
            case ..<98: dispatcher.tryNow(WebhookID(Int64.random(in: 1...3, using: &random)), at: now)
            default:
                let held = (1...3).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                dispatcher.suspend(Set(held.map { WebhookID(Int64($0)) }), at: now)
            }
            takeSettlements()
            #expect(dispatcher.inFlight == inFlight.count)
            #expect(dispatcher.waiting == pending.count)
        }

        mutating func enqueue() {
            let lane = Lane.example(
                Int64.random(in: 1...3, using: &random), "d\(Int.random(in: 0..<4, using: &random))")
            let sequence = enqueued[lane, default: 0] + 1
            enqueued[lane] = sequence
            nextEvent += 1
            let callback = Callback(
                id: CallbackID("msg_\(lane.webhook.value)-\(lane.device)-\(sequence)"), lane: lane, sequence: sequence,
                event: EventNumber(nextEvent), createdAt: WallTime(milliseconds: 0), content: Content(body: []))
            pending[callback.id] = PendingCallback(callback: callback)
            dispatcher.enqueue(
                PendingCallback(callback: callback), due: nil,
                expiry: now + .seconds(Int.random(in: 60...9000, using: &random)))
        }

        mutating func claim() {
            let wasOpen = Set((1...3).map { WebhookID($0) }.filter { dispatcher.opening(of: $0) != nil })
            guard let claimed = dispatcher.claim(at: now) else { return }
            takeSettlements()
            let lane = claimed.callback.lane
            #expect(inFlight.updateValue(claimed, forKey: lane) == nil, "two in flight in one lane")
            #expect(claimed.callback.sequence >= lastSent[lane, default: 0], "out of order")
            lastSent[lane] = claimed.callback.sequence
            #expect(pending.removeValue(forKey: claimed.callback.id) != nil, "sent after its end")
            let before = pending.values.filter {
                $0.callback.lane == lane && $0.callback.sequence < claimed.callback.sequence
            }
            #expect(before.isEmpty, "one before it in its lane waits")
            guard wasOpen.contains(lane.webhook) else { return }
            #expect(inFlight.keys.count { $0.webhook == lane.webhook } == 1, "an open gate let two through")
        }

        mutating func answer() {
            guard let (lane, claimed) = inFlight.randomElement(using: &random) else { return }
            inFlight[lane] = nil
            let id = claimed.callback.id
            let outcome = Outcome.allCases.randomElement(using: &random) ?? .accepted
            switch outcome {
            case .accepted:
                end(id, as: "accepted")
                dispatcher.accepted(lane)
            case .cancelled:
                pending[id] = claimed
                dispatcher.cancelled(lane)
            default:
                let retryAfter = Int.random(in: 0..<4, using: &random) == 0 ? Duration.seconds(100) : nil
                let failure = Failure(outcome, statusCode: nil, retryAfter: retryAfter)
                switch dispatcher.fail(lane, failure, at: now) {
                case .again(let due, _):
                    #expect(due >= now)
                    pending[id] = claimed
                case .never(let ending): end(id, as: ending.rawValue)
                }
            }
        }

        /// The receivers are well again: everything must end.
        mutating func drain() {
            dispatcher.suspend([], at: now)
            var turns = 0
            while dispatcher.waiting + dispatcher.inFlight > 0, let deadline = dispatcher.nextDeadline, turns < 5000 {
                turns += 1
                now = max(now, deadline)
                claim()
                takeSettlements()
                for (lane, claimed) in inFlight {
                    end(claimed.callback.id, as: "accepted")
                    dispatcher.accepted(lane)
                }
                inFlight = [:]
            }
            #expect(pending.isEmpty && inFlight.isEmpty)
            #expect((dispatcher.inFlight, dispatcher.waiting) == (0, 0))
            #expect(Int64(endings.count) == nextEvent, "one has no end")
            if backlog == .all { #expect(!endings.values.contains("superseded")) }
        }
    }

    @Test(arguments: Blocks.of(40)) func everyCallback_EndsOnce_WhateverReceiversDo(_ block: UInt64) {
        for seed in block * 25..<(block + 1) * 25 {
            var run = Run(seed: seed)
            for _ in 0..<300 { run.step() }
            run.drain()
        }
    }
}
