import Core
import Testing

@testable import Sensors

@Suite struct ADBSecondLookTests {
    private var look = ADBSecondLook()
    private let ready = [entry("A")]
    private let onItsWay = [entry("A", "offline")]

    private func wait(from time: Duration) -> Duration? { look.nextDeadline.map { $0 - .at(time) } }

    @Test mutating func list_isAskedForAgain_soonWhileAPhoneIsOnItsWay() {
        look.listed(onItsWay, isLong: true, at: .at(.zero))
        var time = Duration.zero
        var waits: [Duration] = []
        for _ in 0..<7 {
            let wait = wait(from: time) ?? .zero
            waits.append(wait)
            time += wait
            #expect(look.timePassed(.at(time)) == .connect)
            #expect(look.connected() == .send(frame("host:devices-l")))
            let answer = Array("OKAY".utf8) + frame(line("A", "offline"))
            #expect(look.received(answer[..<9], at: .at(time)) == .none)
            #expect(look.received(answer[9...], at: .at(time)) == .list(onItsWay))
        }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
    }

    @Test(arguments: ["device", "unauthorized", "recovery", "no permissions (x)"])
    mutating func settledList_isAskedFor_twiceAMinute(_ state: String) {
        look.listed([entry("A", state)], isLong: true, at: .at(.zero))
        #expect(wait(from: .zero) == .seconds(30))
    }

    @Test mutating func hurry_isDueNow_andLeavesALookThatIsUnderWay() {
        look.listed([entry("A", "unauthorized")], isLong: true, at: .at(.zero))
        look.hurry(at: .at(.seconds(2)))
        #expect(wait(from: .seconds(2)) == .zero)
        #expect(look.timePassed(.at(.seconds(2))) == .connect)
        look.hurry(at: .at(.seconds(3)))
        #expect(wait(from: .seconds(2)) == .seconds(5), "the limit of the one that is under way")
        #expect(look.timePassed(.at(.seconds(3))) == .none)
        #expect(look.connected() == .send(frame("host:devices-l")))
        look.hurry(at: .at(.seconds(3)))
        #expect(look.timePassed(.at(.seconds(3))) == .none)
    }

    @Test mutating func hurry_asksNobody_whereNobodyHasAPhone() {
        look.hurry(at: .at(.zero))
        #expect(look.nextDeadline == nil)
        look.listed([], isLong: true, at: .at(.zero))
        look.hurry(at: .at(.zero))
        #expect(look.nextDeadline == nil)
    }

    @Test mutating func emptyList_isNotAskedFor() {
        look.listed([], isLong: true, at: .at(.zero))
        #expect(look.nextDeadline == nil)
    }

    /// The answer may have been on its way before the list that is known now: it would bring back a phone that left.
    @Test mutating func answerThatWasOvertaken_isNotTold() {
        look.listed(ready, isLong: false, at: .at(.zero))
        _ = look.timePassed(.at(.seconds(30)))
        #expect(look.connected() == .send(frame("host:devices")))
        look.listed(onItsWay, isLong: false, at: .at(.seconds(30)))
        #expect(look.received(Array("OKAY".utf8) + frame("A\tdevice\n"), at: .at(.seconds(30))) == .disconnect)
        #expect(wait(from: .seconds(30)) == .seconds(1))
    }

    @Test(arguments: ["FAIL0000", "what", "OKAYwhat"]) mutating func refusal_changesNothing(_ answer: String) {
        look.listed(ready, isLong: true, at: .at(.zero))
        _ = look.timePassed(.at(.seconds(30)))
        _ = look.connected()
        #expect(look.received(Array(answer.utf8), at: .at(.seconds(30))) == .disconnect)
        #expect(look.ended(at: .at(.seconds(30))) == .none)
        #expect(wait(from: .seconds(30)) == .seconds(30))
    }

    @Test mutating func silence_isTold_whenTheTimeIsUp() {
        look.listed(ready, isLong: true, at: .at(.zero))
        _ = look.timePassed(.at(.seconds(30)))
        #expect(wait(from: .seconds(30)) == .seconds(5))
        _ = look.connected()
        #expect(look.timePassed(.at(.seconds(34))) == .none)
        #expect(look.timePassed(.at(.seconds(35))) == .silent)
        look.serverLost()
        #expect(look.nextDeadline == nil)
        #expect(look.received(Array("OKAY0000".utf8), at: .at(.seconds(35))) == .none)
    }
}
