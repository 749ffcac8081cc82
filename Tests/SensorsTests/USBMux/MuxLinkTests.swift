import Core
import Testing

@testable import Sensors

struct MuxLinkTests {
    private var link = MuxLink()
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private mutating func fail(_ why: String = "refused", at now: MonotonicTime, isDecisive: Bool = false) -> [MuxLink
        .Action]
    {
        link.failed(why, at: now, spread: 1, isDecisive: isDecisive)
    }

    @Test mutating func absence_isNoLoss_andCostsNothing() {
        let told1 = link.socketMayBeThere(at: start)
        #expect(told1 == [.connect])
        let told2 = link.isAbsent(at: start)
        #expect(told2 == [])
        #expect(link.deadline == nil)
        let told3 = link.timePassed(start + .seconds(3600), spread: 0)
        #expect(told3 == [])
        let told4 = link.socketMayBeThere(at: start)
        #expect(told4 == [.connect])
        let told5 = link.listens(at: start)
        #expect(told5 == [.found])
        #expect(link.deadline == nil)
    }

    @Test mutating func end_isToldOnce_untilItIsFoundAgain() {
        _ = link.socketMayBeThere(at: start)
        _ = link.listens(at: start)
        let told6 = fail("usbmuxd has ended", at: start)
        #expect(told6 == [.lost(why: "usbmuxd has ended")])
        let told7 = link.timePassed(start + .milliseconds(100), spread: 0)
        #expect(told7 == [.connect])
        let told8 = link.isAbsent(at: start)
        #expect(told8 == [])
        link.phoneExpected(at: start)
        #expect(link.deadline == nil)
        _ = link.socketMayBeThere(at: start)
        let told9 = fail(at: start)
        #expect(told9 == [])
        _ = link.socketMayBeThere(at: start)
        let told10 = link.listens(at: start)
        #expect(told10 == [.found])
        let told11 = fail(at: start)
        #expect(told11 == [.lost(why: "refused")])
    }

    @Test mutating func phoneInWant_makesAbsenceALoss_afterAGrace() {
        _ = link.socketMayBeThere(at: start)
        _ = link.isAbsent(at: start)
        link.phoneExpected(at: start)
        link.phoneExpected(at: start + .seconds(5))
        #expect(link.deadline == start + .seconds(10))
        let told12 = link.timePassed(start + .seconds(9), spread: 0)
        #expect(told12 == [])
        let told13 = link.timePassed(start + .seconds(10), spread: 0)
        #expect(told13 == [.lost(why: "usbmuxd does not run")])
        link.phoneExpected(at: start + .seconds(11))
        let told14 = link.timePassed(start + .seconds(60), spread: 0)
        #expect(told14 == [])
    }

    @Test mutating func grace_isOver_whenUsbmuxdOrThePhonesEndComesFirst() {
        link.phoneExpected(at: start)
        link.noPhoneExpected()
        let told15 = link.timePassed(start + .seconds(60), spread: 0)
        #expect(told15 == [])
        link.phoneExpected(at: start)
        _ = link.socketMayBeThere(at: start)
        _ = link.listens(at: start + .seconds(1))
        let told16 = link.timePassed(start + .seconds(60), spread: 0)
        #expect(told16 == [])
    }

    /// A socket file that its daemon has left behind.
    @Test mutating func refusal_isTriedAgain_moreAndMoreSeldom_andSilently() {
        var waits: [Duration] = []
        var now = start
        _ = link.socketMayBeThere(at: now)
        for _ in 0..<12 {
            let told17 = fail(at: now)
            #expect(told17 == [])
            let due = link.deadline ?? now
            waits.append(due - now)
            now = due
            let told18 = link.timePassed(now, spread: 0)
            #expect(told18 == [.connect])
        }
        #expect(waits.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(waits.suffix(2) == [.seconds(30), .seconds(30)])
        // The reason is that of the last failure.
        _ = fail(at: now)
        link.phoneExpected(at: now)
        let told19 = link.timePassed(now + .seconds(10), spread: 0).first
        #expect(told19 == .lost(why: "refused"))
    }

    @Test mutating func refusal_isToldAtOnce_whenNoWaitWillMendIt() {
        _ = link.socketMayBeThere(at: start)
        let told20 = fail("denied", at: start, isDecisive: true)
        #expect(told20 == [.lost(why: "denied")])
        _ = link.socketMayBeThere(at: start)
        let told21 = fail("denied", at: start, isDecisive: true)
        #expect(told21 == [])
    }

    @Test mutating func silence_isAFailure_afterFiveSeconds() {
        _ = link.socketMayBeThere(at: start)
        let told22 = link.socketMayBeThere(at: start)
        #expect(told22 == [])
        #expect(link.deadline == start + .seconds(5))
        let told23 = link.timePassed(start + .seconds(5), spread: 1)
        #expect(told23 == [])
        #expect(link.deadline == start + .milliseconds(5100))
        // An answer to nobody.
        let told24 = link.listens(at: start + .seconds(5))
        #expect(told24 == [])
    }

    /// A daemon that takes the request and falls over, again and again, is not asked ten times a second.
    @Test mutating func delay_grows_whenUsbmuxdEndsAtOnce_andNotAfterALife() {
        var now = start
        for _ in 0..<6 {
            _ = link.socketMayBeThere(at: now)
            _ = link.listens(at: now)
            _ = fail(at: now)
            now = link.deadline ?? now
        }
        _ = fail(at: now)
        #expect(link.deadline == now + .milliseconds(6400))
        _ = link.socketMayBeThere(at: now)
        _ = link.listens(at: now)
        now = now + .seconds(10)
        _ = fail(at: now)
        #expect(link.deadline == now + .milliseconds(100))
    }
}
