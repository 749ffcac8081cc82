import Core
import Testing

@testable import Agent

struct SteadyWallClockTests {
    private func moment(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }
    private func wall(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds) }

    @Test func time_staysTheSame_whileTheClocksAreReadABitApart() {
        var clock = SteadyWallClock()
        #expect(clock.time(of: moment(100), now: moment(200), wall: wall(5_200)) == wall(5_100))
        #expect(clock.time(of: moment(100), now: moment(300), wall: wall(5_301)) == wall(5_100))
        #expect(clock.time(of: moment(100), now: moment(400), wall: wall(5_399)) == wall(5_100))
    }

    @Test func time_follows_whenTheClockIsSet() {
        var clock = SteadyWallClock()
        #expect(clock.time(of: moment(100), now: moment(200), wall: wall(5_200)) == wall(5_100))
        #expect(clock.time(of: moment(100), now: moment(300), wall: wall(86_405_300)) == wall(86_405_100))
        #expect(clock.time(of: moment(100), now: moment(400), wall: wall(5_400)) == wall(5_100))
    }
}
