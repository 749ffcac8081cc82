import Core
import TestSupport
import Testing

@testable import Delivery

@Suite struct RetryScheduleTests {
    /// After the given number of failures, the last one included.
    private func pause(_ failures: Int, _ retryAfter: Duration?, _ random: inout some RandomNumberGenerator)
        -> Duration?
    {
        let failure = Failure(.http5xx, statusCode: 500, retryAfter: retryAfter)
        return RetrySchedule.pause(
            after: failure, Failures(steps: failures == .min ? .min : failures - 1), using: &random)
    }

    static let seconds: [Int64] = [5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600]

    @Test(arguments: seconds.indices) func delay_FollowsTheSteps_WithTwentyPercentSpread(_ index: Int) {
        let step = Duration.seconds(Self.seconds[index])
        var (low, middle, high) = (ConstantGenerator.low, ConstantGenerator.middle, ConstantGenerator.high)
        let failures = index + 1
        #expect(pause(failures, nil, &low) == step * 4 / 5)
        #expect(pause(failures, nil, &middle) == step)
        #expect(pause(failures, nil, &high) == step * 6 / 5)
    }

    @Test(arguments: [14, 15, 1000, Int.max]) func delay_StaysAtSixHours_AfterTheLastStep(_ failures: Int) {
        var random = ConstantGenerator.middle
        #expect(pause(failures, nil, &random) == .seconds(21_600))
    }

    @Test(arguments: [0, -1, Int.min]) func delay_IsTheFirst_WhenTheCountOnDiskIsNonsense(_ failures: Int) {
        var random = ConstantGenerator.middle
        #expect(pause(failures, nil, &random) == .seconds(5))
    }

    @Test(arguments: [
        (Duration.seconds(-30), Duration.seconds(5)), (.zero, .seconds(5)), (.seconds(3), .seconds(5)),
        (.seconds(120), .seconds(120)), (.seconds(3600), .seconds(3600)), (.seconds(86_400), .seconds(3600)),
    ])
    func retryAfter_LengthensWithinAnHour_AndNeverShortens(_ asked: Duration, _ expected: Duration) {
        var random = ConstantGenerator.middle
        #expect(pause(1, asked, &random) == expected)
    }

    @Test func retryAfter_DoesNotShorten_TheLongSteps() {
        var random = ConstantGenerator.low
        #expect(pause(13, .seconds(60), &random) == .seconds(17_280))
    }

    @Test(arguments: 1...20) func delay_IsWithinItsLongest_WhateverIsDrawn(_ failures: Int) throws {
        var random = SeededGenerator(seed: UInt64(failures))
        for _ in 0..<1000 {
            let seconds = Int.random(in: -9...9999, using: &random)
            let retryAfter = Bool.random(using: &random) ? Duration.seconds(seconds) : nil
            let delay = try #require(pause(failures, retryAfter, &random))
            #expect(delay <= RetrySchedule.longestPause(afterFailures: failures))
            #expect(delay.wholeMilliseconds >= 4000)
        }
    }
}

/// Due times as they come back from the disk.
@Suite struct RestoredDueTests {
    let now = MonotonicTime(nanoseconds: 77_000_000_000)
    let wall = WallTime(milliseconds: 1_700_000_000_000)

    func due(attempts: Int, inMilliseconds delay: Int64?) -> MonotonicTime? {
        let notBefore = delay.map { WallTime(milliseconds: wall.milliseconds + $0) }
        return RetrySchedule.due(of: .example(attempts: attempts, notBefore: notBefore), now: now, wall: wall)
    }

    @Test func due_IsAtOnce_WhenNeverTriedOrPast() {
        #expect(due(attempts: 0, inMilliseconds: nil) == nil)
        #expect(due(attempts: 3, inMilliseconds: 0) == nil)
        #expect(due(attempts: 3, inMilliseconds: -1) == nil)
    }

    @Test func due_KeepsItsDistance_WhenInTheFuture() {
        #expect(due(attempts: 2, inMilliseconds: 12_345) == now + .milliseconds(12_345))
    }

    /// The host came up with its clock months ahead, failed an attempt, and NTP set the clock right.
    @Test func due_IsThatOfAFailureNow_WhenTheWallClockWasSetBack() {
        #expect(due(attempts: 1, inMilliseconds: 90 * 86_400_000) == now + .seconds(5))
        #expect(due(attempts: 13, inMilliseconds: 90 * 86_400_000) == now + .seconds(21_600))
        // As long as a receiver may ask for.
        #expect(due(attempts: 1, inMilliseconds: 3_600_000) == now + .seconds(3600))
    }

    @Test func due_DoesNotTrap_WhenTheTimesOnDiskAreNonsense() {
        for notBefore in [Int64.min, .max] {
            for wall in [Int64.min, .max] {
                let pending = PendingCallback.example(attempts: .max, notBefore: WallTime(milliseconds: notBefore))
                let due = RetrySchedule.due(of: pending, now: now, wall: WallTime(milliseconds: wall))
                #expect(due.map { $0 <= now + .seconds(25_920) } ?? true)
            }
        }
    }
}
