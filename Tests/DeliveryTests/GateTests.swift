import Core
import Testing

@testable import Delivery

/// When a receiver is taken for away, how it is tried then, and when it is back.
@Suite struct GateTests {
    let start = MonotonicTime(nanoseconds: 1_000_000_000)
    let lanes = ["a", "b", "c", "d", "e"].map { Lane.example(1, $0) }

    /// With one callback for each of five phones, the oldest for `a`.
    func dispatcher() -> Dispatcher {
        var dispatcher = Dispatcher(limits: DeliveryLimits(maxConcurrent: 32, maxPerWebhook: 8))
        dispatcher.use([1, 2])
        for (index, lane) in lanes.enumerated() {
            dispatcher.enqueue(.example(lane, sequence: Int64(index + 1)), due: nil)
        }
        return dispatcher
    }

    func claimAll(_ dispatcher: inout Dispatcher, at now: MonotonicTime) -> [Lane] {
        var claimed: [Lane] = []
        while let pending = dispatcher.claim(at: now) { claimed.append(pending.callback.lane) }
        return claimed
    }

    func opening(_ dispatcher: Dispatcher) -> Gate.Opening? { dispatcher.opening(of: WebhookID(1)) }

    /// One whose gate has been opened by three time-outs at `start`.
    func away() -> Dispatcher {
        var dispatcher = dispatcher()
        for lane in claimAll(&dispatcher, at: start) { dispatcher.fail(lane, Failure(.timeout), at: start) }
        return dispatcher
    }

    @Test(arguments: [
        (Failure(.redirect, statusCode: 302), 3), (Failure(.auth, statusCode: 401), 3),
        (Failure(.http4xx, statusCode: 404), 3), (Failure(.http4xx, statusCode: 409), 3),
        (Failure(.http5xx, statusCode: 500), 3), (Failure(.http5xx, statusCode: 503), 3), (Failure(.dns), 3),
        (Failure(.connect), 3), (Failure(.tls), 3), (Failure(.timeout), 3), (Failure(.connection), 3),
        (Failure(.protocol), 3), (Failure(.resendPrevented), 3), (Failure(.throttled, statusCode: 429), 1),
        (Failure(.http5xx, statusCode: 503, retryAfter: .seconds(9)), 1), (Failure(.blocked), 1),
        (Failure(.rejected, statusCode: 422), nil), (Failure(.http4xx, statusCode: 408), nil),
        (Failure(.http4xx, statusCode: 425), nil), (Failure(.http4xx, statusCode: 418), nil),
        (Failure(.internal), nil), (Failure(.gone, statusCode: 410), nil),
    ])
    func failures_OpenTheGate_WhenTheyTellOfTheReceiver(_ failure: Failure, _ count: Int?) {
        var dispatcher = dispatcher()
        let claimed = claimAll(&dispatcher, at: start)
        var openAfter: Int?
        for (index, lane) in claimed.enumerated() {
            dispatcher.fail(lane, failure, at: start)
            if openAfter == nil, opening(dispatcher) != nil { openAfter = index + 1 }
        }
        #expect(openAfter == count)
        #expect(opening(dispatcher)?.cause == (count == nil ? nil : failure.outcome))
        #expect(dispatcher.opening(of: WebhookID(2)) == nil)
    }

    @Test func acceptance_Between_KeepsItClosed() {
        var dispatcher = dispatcher()
        let claimed = claimAll(&dispatcher, at: start)
        for lane in claimed.prefix(2) { dispatcher.fail(lane, Failure(.timeout), at: start) }
        dispatcher.accepted(claimed[2])
        for lane in claimed.suffix(2) { dispatcher.fail(lane, Failure(.timeout), at: start) }
        #expect(opening(dispatcher) == nil)
    }

    @Test func openGate_LetsTheOldestThroughAlone_InItsTime() {
        var dispatcher = away()
        #expect(opening(dispatcher)?.nextTry == start + .seconds(5))
        #expect(dispatcher.nextDeadline == start + .seconds(5))
        // What comes meanwhile waits as well; another webhook's does not.
        dispatcher.enqueue(.example(.example(1, "f"), sequence: 9), due: nil)
        dispatcher.enqueue(.example(.example(2)), due: nil)
        #expect(claimAll(&dispatcher, at: start + .milliseconds(4999)) == [.example(2)])
        #expect(claimAll(&dispatcher, at: start + .seconds(5)) == [lanes[0]])
        // None beside the one that is under way, however long that takes.
        #expect(claimAll(&dispatcher, at: start + .seconds(99)) == [])
    }

    @Test func openGate_SlowsDown_OverAnHourAndADay() {
        var dispatcher = away()
        var now = start
        var pauses: [Int64] = []
        while now - start < .seconds(90_000), let deadline = dispatcher.nextDeadline {
            pauses.append((deadline - now).wholeMilliseconds / 1000)
            now = deadline
            for lane in claimAll(&dispatcher, at: now) { dispatcher.fail(lane, Failure(.connect), at: now) }
        }
        #expect(Array(pauses.prefix(6)) == [5, 10, 20, 40, 60, 60])
        let (minute, late) = (pauses.filter { $0 == 60 }.count, pauses.filter { $0 == 300 }.count)
        #expect((58...60).contains(minute) && (274...278).contains(late))
        #expect(pauses.last == 900)
        #expect(opening(dispatcher)?.since == start)
    }

    @Test func openGate_WaitsAsLongAsItIsAsked_UpToAnHour() {
        for (asked, wanted) in [(2, 5), (90, 90), (99_999, 3600)] {
            var dispatcher = dispatcher()
            let claimed = claimAll(&dispatcher, at: start)
            let failure = Failure(.throttled, statusCode: 429, retryAfter: .seconds(asked))
            let next = dispatcher.fail(claimed[0], failure, at: start)
            #expect(opening(dispatcher)?.nextTry == start + .seconds(wanted))
            #expect(next == .again(start + .seconds(wanted), Failures()))
            // Those that were under way say the same, and later.
            dispatcher.fail(claimed[1], failure, at: start + .seconds(1))
            #expect(opening(dispatcher)?.nextTry == start + .seconds(max(wanted, min(asked, 3600) + 1)))
        }
    }

    /// Nobody but the operator mends these: it is no use to ask again and again.
    @Test(arguments: [Failure(.redirect, statusCode: 308), Failure(.blocked)])
    func faultOfTheConfiguration_IsTriedEachQuarterOfAnHour_AndAtOnceWhenItChanges(_ failure: Failure) {
        var dispatcher = dispatcher()
        for lane in claimAll(&dispatcher, at: start) { dispatcher.fail(lane, failure, at: start) }
        #expect(opening(dispatcher)?.nextTry == start + .seconds(900))
        dispatcher.tryNow(WebhookID(1), at: start + .seconds(7))
        #expect(claimAll(&dispatcher, at: start + .seconds(7)) == [lanes[0]])
        dispatcher.fail(lanes[0], failure, at: start + .seconds(7))
        #expect(opening(dispatcher)?.nextTry == start + .seconds(907))
        // One that it was not made for is let through all the same when somebody resumes it.
        dispatcher.suspend([WebhookID(1)], at: start + .seconds(8))
        #expect(claimAll(&dispatcher, at: start + .seconds(907)) == [])
        dispatcher.suspend([], at: start + .seconds(9))
        #expect(claimAll(&dispatcher, at: start + .seconds(9)) == [lanes[0]])
    }

    @Test func whatWaitsForAnotherTry_IsDueAtOnce_WhenSomethingMayHaveMendedIt() {
        var dispatcher = dispatcher()
        for lane in claimAll(&dispatcher, at: start) { dispatcher.fail(lane, at: start) }
        #expect(opening(dispatcher) == nil)
        #expect(claimAll(&dispatcher, at: start + .seconds(1)) == [])
        dispatcher.tryNow(WebhookID(1), at: start + .seconds(1))
        #expect(Set(claimAll(&dispatcher, at: start + .seconds(1))) == Set(lanes))
        #expect(claimAll(&dispatcher, at: start + .seconds(9)) == [])
    }

    @Test(arguments: [nil, Failure(.rejected, statusCode: 413)])
    func receiverThatIsThereAgain_GetsAllAtOnce(_ answer: Failure?) {
        var dispatcher = away()
        let now = start + .seconds(5)
        _ = claimAll(&dispatcher, at: now)
        if let answer { dispatcher.fail(lanes[0], answer, at: now) } else { dispatcher.accepted(lanes[0]) }
        #expect(opening(dispatcher) == nil)
        #expect(Set(claimAll(&dispatcher, at: now)) == Set(lanes.dropFirst()))
    }

    /// Three that were under way when it opened fail as well: that says nothing new.
    @Test func stragglers_DoNotSlowItDown() {
        let dispatcher = away()
        #expect(opening(dispatcher)?.tries == 0)
        #expect(opening(dispatcher)?.nextTry == start + .seconds(5))
    }

    /// What an open gate lets through is no worse than what waits behind it.
    @Test func triesUnderAnOpenGate_DoNotBurnTheSchedule() {
        var dispatcher = away()
        var now = start
        for tries in 1...20 {
            now = opening(dispatcher)?.nextTry ?? now
            #expect(dispatcher.claim(at: now)?.attempts == tries)
            let next = dispatcher.fail(lanes[0], Failure(.connect), at: now)
            guard case .again(let due, let failures) = next else {
                Issue.record("given up")
                return
            }
            #expect(failures == Failures(steps: 1))
            #expect(due == opening(dispatcher)?.nextTry)
        }
    }

    @Test func gate_IsAsItWas_AfterARestart() {
        var random = ConstantGenerator.middle
        let now = start + .seconds(86_400)
        for (past, isOpen) in [([Outcome.timeout, .dns, .dns], true), ([.dns, .dns], false), ([.throttled], true)] {
            for before in [[Outcome.accepted], []] {
                var dispatcher = Dispatcher(limits: DeliveryLimits())
                dispatcher.use([1])
                let failures = (before + past).enumerated().map { (Failure($1), start + .seconds($0)) }
                dispatcher.recall(failures, of: WebhookID(1), at: now, using: &random)
                for (index, lane) in lanes.enumerated() {
                    dispatcher.enqueue(.example(lane, sequence: Int64(index + 1)), due: nil)
                }
                #expect((opening(dispatcher) != nil) == isOpen)
                // It is tried at once: a restart may be what somebody did to mend it.
                #expect(claimAll(&dispatcher, at: now).count == (isOpen ? 1 : 5))
                guard isOpen, past.count == 3 else { continue }
                dispatcher.fail(lanes[0], Failure(.dns), at: now)
                #expect(opening(dispatcher)?.nextTry == now + .seconds(300))
            }
        }
    }
}
