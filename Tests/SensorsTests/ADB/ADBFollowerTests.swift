import Core
import TestSupport
import Testing

@testable import Sensors

@Suite struct ADBFollowerTests {
    private var follower = ADBFollower(addresses: 1, random: MiddleGenerator())
    private let long = ADBFollower.Action.send(frame("host:track-devices-l"))
    private let short = ADBFollower.Action.send(frame("host:track-devices"))

    /// Up to the first list, at the given time.
    private mutating func comesUp(at time: Duration) {
        _ = follower.timePassed(.at(time))
        _ = follower.connected(at: .at(time))
        _ = follower.received(Array("OKAY0000".utf8), at: .at(time))
    }

    private func wait(from time: Duration) -> Duration? { follower.nextDeadline.map { $0 - .at(time) } }

    @Test mutating func firstList_isTold_onceItIsWhole() {
        #expect(follower.timePassed(.at(.zero)) == [.connect(address: 0)])
        #expect(follower.connected(at: .at(.zero)) == [long])
        let list = line("A", "device")
        #expect(follower.received(Array("OKAY".utf8), at: .at(.zero)) == [])
        #expect(follower.received(frame(list), at: .at(.zero)) == [.found, .list(entries(list), isLong: true)])
        #expect(
            follower.received(frame("") + frame(list), at: .at(.zero)) == [
                .list([], isLong: true), .list(entries(list), isLong: true),
            ])
        #expect(follower.nextDeadline == nil)
    }

    @Test mutating func serverWithoutLongLists_isAskedForShortOnes_atOnce() {
        _ = follower.timePassed(.at(.zero))
        _ = follower.connected(at: .at(.zero))
        let refusal = Array("FAIL".utf8) + frame("unknown host service")
        #expect(follower.received(refusal, at: .at(.zero)) == [.disconnect, .connect(address: 0)])
        #expect(follower.connected(at: .at(.zero)) == [short])
        #expect(
            follower.received(Array("OKAY".utf8) + frame("A\tdevice\n"), at: .at(.zero))
                == [.found, .list(entries("A\tdevice\n", isLong: false), isLong: false)])
    }

    @Test mutating func serverWithoutLists_isLost_andTriedAgain() {
        _ = follower.timePassed(.at(.zero))
        for _ in 0..<2 {
            _ = follower.connected(at: .at(.zero))
            _ = follower.received(Array("FAIL0000".utf8), at: .at(.zero))
        }
        #expect(wait(from: .zero) == .milliseconds(375))
        #expect(follower.timePassed(.at(.seconds(1))) == [.connect(address: 0)])
        #expect(follower.connected(at: .at(.seconds(1))) == [long])
    }

    @Test mutating func lost_isToldOnce_andWaitsDouble() {
        var time = Duration.zero
        var told = 0
        var waits: [Int64] = []
        for _ in 0..<9 {
            #expect(follower.timePassed(.at(time)) == [.connect(address: 0)])
            told += follower.ended(why: "refused", at: .at(time)).count
            let wait = wait(from: time) ?? .zero
            #expect(follower.timePassed(.at(time + wait - .nanoseconds(1))) == [])
            waits.append(wait.wholeMilliseconds)
            time += wait
        }
        #expect(told == 1)
        #expect(waits == [375, 750, 1500, 3000, 6000, 7500, 7500, 7500, 7500])
        comesUp(at: time)
        #expect(follower.ended(why: "gone", at: .at(time)) == [.lost(why: "gone")])
    }

    @Test(arguments: 0..<50) mutating func waits_areWithinTheirBounds(_ seed: UInt64) {
        follower = ADBFollower(addresses: 1, random: SeededGenerator(seed: seed))
        var time = Duration.zero
        for step in 0..<10 {
            _ = follower.timePassed(.at(time))
            _ = follower.ended(why: "refused", at: .at(time))
            let wait = wait(from: time) ?? .zero
            #expect(wait >= min(.milliseconds(250 << step), .seconds(5)) && wait <= .seconds(10))
            time += wait
        }
    }

    /// One that ends as soon as it has told a list (a crash at start, over and over) is not met with a storm.
    @Test mutating func waits_beginAgain_onlyAfterATimeOfCalm() {
        var time = Duration.zero
        for expected in [375, 750, 1500] {
            comesUp(at: time)
            _ = follower.ended(why: "gone", at: .at(time + .seconds(1)))
            let wait = wait(from: time + .seconds(1)) ?? .zero
            #expect(wait == .milliseconds(expected))
            time += .seconds(1) + wait
        }
        comesUp(at: time)
        _ = follower.ended(why: "gone", at: .at(time + .seconds(10)))
        #expect(wait(from: time + .seconds(10)) == .milliseconds(375))
    }

    @Test mutating func silence_endsTheConnection_whenItsTimeIsUp() {
        _ = follower.timePassed(.at(.zero))
        #expect(wait(from: .zero) == .seconds(2))
        #expect(
            follower.timePassed(.at(.seconds(2))) == [.disconnect, .lost(why: "it does not take the connection")])
        _ = follower.timePassed(.at(.seconds(10)))
        _ = follower.connected(at: .at(.seconds(11)))
        #expect(wait(from: .seconds(11)) == .seconds(5))
        // A word that is no list does not buy time.
        _ = follower.received(Array("OKAY".utf8), at: .at(.seconds(12)))
        #expect(follower.timePassed(.at(.seconds(16))) == [.disconnect])
    }

    @Test mutating func whatIsNoList_endsTheConnection_andIsCounted() {
        comesUp(at: .zero)
        let list = line("A", "device")
        #expect(
            follower.received(frame(list) + Array("zzzz".utf8), at: .at(.seconds(1))) == [
                .list(entries(list), isLong: true), .disconnect,
                .lost(why: "it does not speak as an adb server does: \"zzzz\""),
            ])
        #expect(follower.malformed == 1)
        #expect(follower.nextDeadline != nil)
    }

    @Test mutating func everyAddress_isTried_beforeItIsLost() {
        follower = ADBFollower(addresses: 2, random: MiddleGenerator())
        _ = follower.timePassed(.at(.zero))
        #expect(follower.ended(why: "refused", at: .at(.zero)) == [.connect(address: 1)])
        #expect(follower.ended(why: "refused", at: .at(.zero)) == [.lost(why: "refused")])
        #expect(follower.timePassed(.at(.seconds(1))) == [.connect(address: 0)])
    }

    /// epoll may tell of a connection's end after the time limit has told the same.
    @Test mutating func lateInput_isIgnored() {
        #expect(follower.ended(why: "late", at: .at(.zero)) == [])
        #expect(follower.connected(at: .at(.zero)) == [])
        #expect(follower.received(Array("OKAY0000".utf8), at: .at(.zero)) == [])
        comesUp(at: .zero)
        #expect(follower.connected(at: .at(.zero)) == [])
    }
}
