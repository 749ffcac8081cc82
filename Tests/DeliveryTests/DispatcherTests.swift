import Core
import Testing

@testable import Delivery

@Suite struct DispatcherTests {
    let start = MonotonicTime(nanoseconds: 1_000_000_000)

    func dispatcher(
        maxConcurrent: Int = 32, maxPerWebhook: Int = 8, using webhooks: [Int64] = [1, 2, 3]
    ) -> Dispatcher {
        var dispatcher = Dispatcher(limits: DeliveryLimits(maxConcurrent: maxConcurrent, maxPerWebhook: maxPerWebhook))
        dispatcher.use(webhooks)
        return dispatcher
    }

    func claimAll(_ dispatcher: inout Dispatcher, at now: MonotonicTime) -> [PendingCallback] {
        var claimed: [PendingCallback] = []
        while let pending = dispatcher.claim(at: now) { claimed.append(pending) }
        return claimed
    }

    @Test func lane_SendsInOrder_OneAtATime() {
        var dispatcher = dispatcher()
        let lane = Lane.example(1)
        for sequence in 1...3 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        for sequence in 1...3 {
            #expect(claimAll(&dispatcher, at: start).map(\.callback.sequence) == [Int64(sequence)])
            #expect(dispatcher.inFlight == 1)
            #expect(dispatcher.nextDeadline == .never)
            dispatcher.accepted(lane)
        }
        #expect(dispatcher.claim(at: start) == nil)
        #expect((dispatcher.inFlight, dispatcher.waiting) == (0, 0))
    }

    @Test func lane_HoldsAllBehindAFailure_AndCountsIt() {
        var dispatcher = dispatcher()
        let lane = Lane.example(1)
        dispatcher.enqueue(.example(lane, sequence: 1), due: nil)
        dispatcher.enqueue(.example(lane, sequence: 2), due: nil)
        _ = dispatcher.claim(at: start)
        dispatcher.fail(lane, at: start)
        #expect(dispatcher.claim(at: start + .milliseconds(4999)) == nil)
        #expect(dispatcher.nextDeadline == start + .seconds(5))
        let again = dispatcher.claim(at: start + .seconds(5))
        #expect(again?.callback.sequence == 1)
        #expect(again?.attempts == 1)
    }

    @Test func lanes_DoNotHoldEachOther() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(.example(1, "a")), due: start + .seconds(60))
        dispatcher.enqueue(.example(.example(1, "b")), due: nil)
        dispatcher.enqueue(.example(.example(2, "a")), due: nil)
        #expect(claimAll(&dispatcher, at: start).map(\.callback.lane) == [.example(1, "b"), .example(2, "a")])
    }

    @Test func limits_HoldForHostAndWebhook() {
        var dispatcher = dispatcher(maxConcurrent: 5, maxPerWebhook: 3)
        for webhook in [1, 2] as [Int64] {
            for device in 0..<10 { dispatcher.enqueue(.example(.example(webhook, "d\(device)")), due: nil) }
        }
        let claimed = claimAll(&dispatcher, at: start)
        #expect(claimed.map(\.callback.lane.webhook.value) == [1, 2, 1, 2, 1])
        dispatcher.accepted(claimed[1].callback.lane)
        #expect(claimAll(&dispatcher, at: start).map(\.callback.lane.webhook.value) == [2])
        // Webhook 1 has its three: the place stays for the other.
        dispatcher.accepted(claimed[3].callback.lane)
        #expect(claimAll(&dispatcher, at: start).map(\.callback.lane.webhook.value) == [2])
        #expect(dispatcher.nextDeadline == .never)
    }

    @Test func webhooks_TakeTurns_HoweverMuchOneHasWaiting() {
        var dispatcher = dispatcher(maxConcurrent: 1, maxPerWebhook: 1)
        for device in 0..<1000 { dispatcher.enqueue(.example(.example(1, "d\(device)")), due: nil) }
        for device in 0..<3 { dispatcher.enqueue(.example(.example(2, "d\(device)")), due: nil) }
        dispatcher.enqueue(.example(.example(3, "d")), due: nil)
        var order: [Int64] = []
        for _ in 0..<9 {
            guard let lane = dispatcher.claim(at: start)?.callback.lane else { break }
            order.append(lane.webhook.value)
            dispatcher.accepted(lane)
        }
        #expect(order == [1, 2, 3, 1, 2, 1, 2, 1, 1])
    }

    @Test func limits_ActOnWhatWaits_WhenRaisedAndLowered() {
        var dispatcher = dispatcher(maxConcurrent: 2, maxPerWebhook: 2)
        for device in 0..<10 { dispatcher.enqueue(.example(.example(1, "d\(device)")), due: nil) }
        let first = claimAll(&dispatcher, at: start)
        #expect(first.count == 2)
        dispatcher.limits = DeliveryLimits(maxConcurrent: 5, maxPerWebhook: 4)
        #expect(dispatcher.nextDeadline.map { $0 <= start } == true)
        #expect(claimAll(&dispatcher, at: start).count == 2)
        dispatcher.limits = DeliveryLimits(maxConcurrent: 5, maxPerWebhook: 3)
        dispatcher.accepted(first[0].callback.lane)
        #expect(dispatcher.claim(at: start) == nil)
        dispatcher.accepted(first[1].callback.lane)
        #expect(dispatcher.claim(at: start) != nil)
    }

    @Test func callbacks_AreHeld_WhileTheirWebhookIsNotInUse() {
        var dispatcher = dispatcher(using: [])
        dispatcher.enqueue(.example(.example(1)), due: nil)
        dispatcher.enqueue(.example(.example(2)), due: start + .seconds(1))
        #expect(dispatcher.claim(at: start + .seconds(9)) == nil)
        #expect(dispatcher.nextDeadline == .never)
        #expect(dispatcher.waiting == 2)
        dispatcher.use([1, 2])
        #expect(dispatcher.nextDeadline.map { $0 <= start } == true)
        #expect(claimAll(&dispatcher, at: start).count == 2)
    }

    @Test func webhook_IsHeld_FromTheMomentItIsNoLongerInUse() {
        var dispatcher = dispatcher(using: [1])
        let lane = Lane.example(1)
        dispatcher.enqueue(.example(lane, sequence: 1), due: nil)
        dispatcher.enqueue(.example(lane, sequence: 2), due: nil)
        _ = dispatcher.claim(at: start)
        dispatcher.use([])
        dispatcher.accepted(lane)
        #expect(dispatcher.claim(at: start) == nil)
        dispatcher.use([1])
        #expect(dispatcher.claim(at: start)?.callback.sequence == 2)
    }

    @Test func cancelledAttempt_DoesNotCount() {
        var dispatcher = dispatcher()
        let lane = Lane.example(1)
        dispatcher.enqueue(.example(lane, attempts: 4), due: nil)
        _ = dispatcher.claim(at: start)
        dispatcher.cancelled(lane)
        #expect(dispatcher.claim(at: start)?.attempts == 4)
    }

    @Test func suspendedWebhook_HoldsWhatComes_UntilItIsResumed() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(.example(1, "a")), due: nil)
        dispatcher.suspend([WebhookID(1), WebhookID(9)], at: start)
        dispatcher.enqueue(.example(.example(1, "b")), due: nil)
        dispatcher.enqueue(.example(.example(2)), due: nil)
        // One that comes into use later is held, too.
        dispatcher.enqueue(.example(.example(9)), due: nil)
        dispatcher.use([1, 2, 9])
        #expect(claimAll(&dispatcher, at: start).map(\.callback.lane) == [.example(2)])
        #expect(dispatcher.nextDeadline == .never)
        #expect(dispatcher.counts(of: WebhookID(1)) == (2, 0))
        dispatcher.suspend([WebhookID(9)], at: start)
        #expect(claimAll(&dispatcher, at: start).map(\.callback.lane) == [.example(1, "a"), .example(1, "b")])
        #expect(dispatcher.counts(of: WebhookID(1)) == (0, 2))
    }

    @Test func cancelledLane_IsEmpty_AndOthersGoOn() {
        var dispatcher = dispatcher()
        let (ready, waiting, other) = (Lane.example(1, "a"), Lane.example(1, "b"), Lane.example(2, "a"))
        for lane in [ready, other] { dispatcher.enqueue(.example(lane), due: nil) }
        for sequence in 1...2 {
            dispatcher.enqueue(.example(waiting, sequence: Int64(sequence)), due: start + .seconds(5))
        }
        #expect(dispatcher.cancel { $0.webhook == WebhookID(1) }.count == 3)
        #expect(dispatcher.waiting == 1)
        #expect(claimAll(&dispatcher, at: start + .seconds(9)).map(\.callback.lane) == [other])
        #expect(dispatcher.nextDeadline == .never)
    }

    @Test(arguments: ["accepted", "failed", "cancelled"])
    func cancelledInFlight_IsNotTriedAgain_AndWhatComesLaterIs(_ end: String) {
        var dispatcher = dispatcher()
        let lane = Lane.example(1)
        for sequence in 1...3 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        _ = dispatcher.claim(at: start)
        #expect(dispatcher.cancel { $0 == lane }.count == 3)
        #expect((dispatcher.inFlight, dispatcher.waiting) == (1, 0))
        dispatcher.enqueue(.example(lane, sequence: 4), due: nil)
        #expect(dispatcher.claim(at: start) == nil)
        switch end {
        case "accepted": dispatcher.accepted(lane)
        case "failed": dispatcher.fail(lane, at: start)
        default: dispatcher.cancelled(lane)
        }
        #expect(dispatcher.claim(at: start)?.callback.sequence == 4)
    }

    @Test func nothing_IsClaimed_AfterStop() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(.example(1)), due: nil)
        dispatcher.enqueue(.example(.example(2)), due: start + .seconds(1))
        dispatcher.stopClaiming()
        #expect(dispatcher.claim(at: start + .seconds(2)) == nil)
        #expect(dispatcher.nextDeadline == nil)
        #expect(dispatcher.waiting == 2)
    }

    /// The same end told twice, or for a lane that nobody sent from: data, not a reason to die.
    @Test func outcome_IsIgnored_WhenTheLaneIsNotInFlight() {
        var dispatcher = dispatcher()
        let lane = Lane.example(1)
        dispatcher.accepted(lane)
        dispatcher.enqueue(.example(lane), due: nil)
        dispatcher.fail(lane, at: start)
        dispatcher.cancelled(lane)
        dispatcher.accepted(lane)
        #expect((dispatcher.inFlight, dispatcher.waiting) == (0, 1))
        #expect(dispatcher.claim(at: start)?.attempts == 0)
    }

    @Test func nextDeadline_IsTheEarliest() {
        var dispatcher = dispatcher()
        for (device, seconds) in [("a", 30), ("b", 10), ("c", 20), ("d", 10)] {
            dispatcher.enqueue(.example(.example(1, device)), due: start + .seconds(seconds))
        }
        #expect(dispatcher.nextDeadline == start + .seconds(10))
        #expect(claimAll(&dispatcher, at: start + .seconds(10)).map(\.callback.lane.device.description) == ["b", "d"])
        #expect(dispatcher.nextDeadline == start + .seconds(20))
    }
}

extension Dispatcher {
    mutating func use(_ ids: [Int64], backlog: Backlog = .all) {
        use(Dictionary(ids.map { (WebhookID($0), backlog) }, uniquingKeysWith: { $1 }))
    }

    mutating func enqueue(_ pending: PendingCallback, due: MonotonicTime?) {
        enqueue(pending, due: due, expiry: .never)
    }

    /// Of 408 nothing follows for the receiver.
    @discardableResult
    mutating func fail(
        _ lane: Lane, _ failure: Failure = Failure(.http4xx, statusCode: 408), at now: MonotonicTime
    ) -> Next {
        var random = ConstantGenerator.middle
        return failed(lane, failure, at: now, using: &random)
    }
}
