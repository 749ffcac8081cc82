import Core
import Testing

@testable import Delivery

/// How callbacks end that nobody accepts, and what happens to their lanes.
@Suite struct EndingTests {
    let start = MonotonicTime(nanoseconds: 1_000_000_000)
    let lane = Lane.example(1)

    func dispatcher(_ limits: DeliveryLimits = DeliveryLimits(), backlog: Backlog = .all) -> Dispatcher {
        var dispatcher = Dispatcher(limits: limits)
        dispatcher.use([1, 2], backlog: backlog)
        return dispatcher
    }

    // MARK: - Rejected

    /// It does not become another by waiting: two more tries, and the lane goes on.
    @Test func rejectedCallback_IsDead_AfterThreeTries() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(lane, sequence: 1), due: nil)
        dispatcher.enqueue(.example(lane, sequence: 2), due: nil)
        let rejection = Failure(.rejected, statusCode: 422)
        var now = start
        for (tries, pause) in [(1, 5), (2, 30)] {
            #expect(dispatcher.claim(at: now)?.callback.sequence == 1)
            let next = dispatcher.fail(lane, rejection, at: now)
            now = now + .seconds(pause)
            #expect(next == .again(now, Failures(rejections: tries)))
        }
        #expect(dispatcher.claim(at: now)?.callback.sequence == 1)
        #expect(dispatcher.fail(lane, rejection, at: now) == .never(.rejected))
        #expect(dispatcher.claim(at: now)?.callback.sequence == 2)
    }

    /// Other failures between do not count for it, and it goes on with its count after a restart.
    @Test func rejections_AreCountedForThemselves() {
        var dispatcher = dispatcher()
        var pending = PendingCallback.example(lane, attempts: 9)
        pending.failures = Failures(steps: 3, rejections: 1)
        dispatcher.enqueue(pending, due: nil)
        _ = dispatcher.claim(at: start)
        let later = dispatcher.fail(lane, at: start)
        #expect(later == .again(start + .seconds(60), Failures(steps: 4, rejections: 1)))
        #expect(dispatcher.claim(at: start + .seconds(60))?.attempts == 10)
        let rejection = Failure(.rejected, statusCode: 400)
        #expect(
            dispatcher.fail(lane, rejection, at: start)
                == .again(start + .seconds(30), Failures(steps: 4, rejections: 2)))
    }

    @Test func ownTrouble_WaitsAMinute_AndIsNotCounted() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(lane), due: nil)
        _ = dispatcher.claim(at: start)
        #expect(dispatcher.fail(lane, Failure(.internal), at: start) == .again(start + .seconds(60), Failures()))
    }

    @Test func goneReceiver_LeavesItsCallbackAsItWas() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(lane), due: nil)
        _ = dispatcher.claim(at: start)
        #expect(
            dispatcher.fail(lane, Failure(.gone, statusCode: 410), at: start) == .again(start + .seconds(5), Failures())
        )
    }

    // MARK: - Too old

    @Test func oldCallbacks_Expire_WhereverTheyWait() {
        var dispatcher = dispatcher()
        let later = start + .seconds(600)
        dispatcher.suspend([WebhookID(2)], at: start)
        dispatcher.enqueue(.example(.example(1, "due later"), sequence: 1), due: start + .seconds(9999), expiry: later)
        dispatcher.enqueue(.example(.example(1, "due later"), sequence: 2), due: nil, expiry: .never)
        dispatcher.enqueue(.example(.example(2, "held")), due: nil, expiry: later)
        dispatcher.enqueue(.example(.example(3, "of nobody")), due: nil, expiry: later)
        #expect(dispatcher.nextDeadline == later)
        #expect(dispatcher.claim(at: later + .milliseconds(-1)) == nil)
        // What came behind it goes on at once.
        #expect(dispatcher.claim(at: later)?.callback.sequence == 2)
        let expired = dispatcher.takeSettlements()
        #expect(expired.map(\.ending) == [.expired, .expired, .expired])
        #expect(Set(expired.map(\.callback.description)) == ["msg_1-due later-1", "msg_2-held-1", "msg_3-of nobody-1"])
        #expect(dispatcher.takeSettlements() == [])
        #expect((dispatcher.inFlight, dispatcher.waiting) == (1, 0))
    }

    @Test func oldCallback_ThatIsUnderWay_ExpiresWithItsFailure() {
        var dispatcher = dispatcher()
        dispatcher.enqueue(.example(lane), due: nil, expiry: start + .seconds(1))
        _ = dispatcher.claim(at: start)
        #expect(dispatcher.claim(at: start + .seconds(2)) == nil)
        #expect(dispatcher.takeSettlements() == [])
        #expect(dispatcher.fail(lane, at: start + .seconds(3)) == .never(.expired))
        #expect((dispatcher.inFlight, dispatcher.waiting) == (0, 0))
    }

    @Test func age_IsThreeDays_AndNeverLongerByAClockThatWasWrong() {
        let wall = WallTime(milliseconds: 1_700_000_000_000)
        func expiry(madeAt moment: WallTime, renewedAt: WallTime? = nil) -> MonotonicTime {
            let callback = Callback(
                id: CallbackID("msg_1"), lane: lane, sequence: 1, event: EventNumber(1), createdAt: moment,
                content: Content(body: []))
            return RetrySchedule.expiry(
                of: PendingCallback(callback: callback, renewedAt: renewedAt), now: start, wall: wall)
        }
        let hours = { (count: Int) in Duration.seconds(count * 3600) }
        #expect(expiry(madeAt: wall) == start + hours(72))
        #expect(expiry(madeAt: wall + hours(-70)) == start + hours(2))
        #expect(expiry(madeAt: wall + hours(-99)) == start)
        #expect(expiry(madeAt: wall + hours(9999)) == start + hours(72))
        #expect(expiry(madeAt: wall + hours(-99), renewedAt: wall) == start + hours(72))
        for nonsense in [Int64.min, .max] {
            let moment = expiry(madeAt: WallTime(milliseconds: nonsense))
            #expect(moment == start || moment == start + hours(72))
        }
    }

    // MARK: - Superseded

    @Test func latest_IsSent_AndWhatWasBeforeItIsSuperseded() {
        var dispatcher = dispatcher(backlog: .latest)
        for sequence in 1...3 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        #expect(dispatcher.claim(at: start)?.callback.sequence == 3)
        #expect(
            dispatcher.takeSettlements().map(\.callback.description) == [1, 2].map { "msg_1-\(lane.device)-\($0)" })
        // What is under way is not called back; what comes meanwhile is judged when its turn comes.
        for sequence in 4...6 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        #expect(dispatcher.claim(at: start) == nil)
        dispatcher.accepted(lane)
        #expect(dispatcher.claim(at: start)?.callback.sequence == 6)
        #expect(dispatcher.takeSettlements().map(\.ending) == [.superseded, .superseded])
        #expect((dispatcher.inFlight, dispatcher.waiting) == (1, 0))
    }

    @Test func latest_OfTheOldestLane_IsWhatAnOpenGateLetsThrough() {
        var dispatcher = dispatcher(backlog: .latest)
        let other = Lane.example(1, "other")
        dispatcher.enqueue(.example(lane, sequence: 1), due: nil)
        dispatcher.enqueue(.example(other, sequence: 2), due: nil)
        _ = (dispatcher.claim(at: start), dispatcher.claim(at: start))
        dispatcher.fail(other, Failure(.blocked), at: start)
        dispatcher.fail(lane, Failure(.blocked), at: start)
        dispatcher.enqueue(.example(lane, sequence: 3), due: nil)
        #expect(dispatcher.claim(at: start + .seconds(900))?.callback.sequence == 3)
        #expect(dispatcher.takeSettlements().map(\.ending) == [.superseded])
    }

    // MARK: - Dropped

    @Test func longestLane_LosesItsOldest_AboveTheLimitOfItsWebhook() {
        var limits = DeliveryLimits()
        limits.maxWaitingPerWebhook = 5
        var dispatcher = dispatcher(limits)
        dispatcher.enqueue(.example(.example(2), sequence: 1), due: nil)
        dispatcher.enqueue(.example(.example(1, "short"), sequence: 1), due: nil)
        for sequence in 1...4 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        #expect(dispatcher.takeSettlements() == [])
        _ = dispatcher.claim(at: start)
        for sequence in 5...8 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        let dropped = dispatcher.takeSettlements()
        #expect(dropped.map(\.ending) == Array(repeating: .dropped, count: dropped.count))
        #expect(dropped.map(\.callback.description).allSatisfy { $0.hasPrefix("msg_1-\(lane.device)-") })
        #expect(dispatcher.counts(of: WebhookID(1)).waiting == 5)
        #expect(dispatcher.counts(of: WebhookID(2)).waiting + dispatcher.counts(of: WebhookID(2)).inFlight == 1)
    }

    @Test func webhookWithTheMost_LosesOne_AboveTheLimitOfTheHost() {
        var limits = DeliveryLimits()
        limits.maxWaiting = 4
        var dispatcher = dispatcher(limits)
        dispatcher.suspend([WebhookID(1), WebhookID(2)], at: start)
        for sequence in 1...4 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        dispatcher.enqueue(.example(.example(2), sequence: 1), due: nil)
        #expect(dispatcher.takeSettlements() == [Settlement(CallbackID("msg_1-\(lane.device)-1"), as: .dropped)])
        dispatcher.suspend([], at: start)
        // Which webhook is the first of the round is open.
        let claimed = [dispatcher.claim(at: start), dispatcher.claim(at: start)].compactMap(\.?.callback)
        #expect(Set(claimed.map { "\($0.lane.webhook.value) \($0.sequence)" }) == ["1 2", "2 1"])
    }

    /// Its turn has come, it is dropped, and the lane must not be sent from twice.
    @Test func lane_KeepsItsPlace_WhenItsHeadIsDropped() {
        var limits = DeliveryLimits()
        limits.maxWaitingPerWebhook = 2
        var dispatcher = dispatcher(limits)
        for sequence in 1...3 { dispatcher.enqueue(.example(lane, sequence: Int64(sequence)), due: nil) }
        #expect(dispatcher.claim(at: start)?.callback.sequence == 2)
        #expect(dispatcher.claim(at: start) == nil)
        dispatcher.accepted(lane)
        #expect(dispatcher.claim(at: start)?.callback.sequence == 3)
    }
}
