@testable import Core
import Testing

/// Sessions of a phone: what is accepted, what counts, how they end.
struct SessionTests {
    private let phone = USBDevice.android("A")

    private func online(unplugGrace: Duration = .zero) -> Scenario {
        var lab = Scenario.running(unplugGrace: unplugGrace)
        lab.attach(phone)
        _ = lab.answers()
        return lab
    }

    @Test func sessions_areASet() {
        var lab = online()
        for id in ["1", "2"] { lab.start(id, on: "A") }
        lab.end("1")
        lab.end("1")
        lab.end("never")
        #expect(
            lab.answers() == ["session 1 accepted", "A utilizing", "session 2 accepted", "session 1 ended: released"])
        lab.end("2")
        #expect(lab.answers() == ["session 2 ended: released", "A online, silent"])
        lab.start("3", on: "A")
        #expect(lab.answers() == ["session 3 accepted", "A utilizing"])
    }

    @Test func cleanup_countsAndReservedDoesNot() {
        var lab = online()
        lab.start("r", on: "A", kind: .reserved)
        #expect(lab.answers() == ["session r accepted"])
        lab.start("c", on: "A", kind: .cleanup)
        #expect(lab.answers() == ["session c accepted", "A utilizing"])
        lab.end("c")
        #expect(lab.answers() == ["session c ended: released", "A online, silent"])
    }

    @Test func session_endsIdle_whenItsHeartbeatsStop() {
        var lab = online()
        lab.start("s", on: "A", timeToLive: .seconds(60))
        lab.wait(.seconds(59))
        lab.heartbeat("s")
        lab.heartbeat("never")
        lab.wait(.milliseconds(59_999))
        #expect(lab.answers() == ["session s accepted", "A utilizing"])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s ended: expired", "A online, silent"])
    }

    @Test func session_endsTooLong_whateverItsHeartbeatsSay() {
        var lab = online()
        lab.start("s", on: "A", timeToLive: .seconds(60), longest: .seconds(100))
        lab.wait(.seconds(59))
        lab.heartbeat("s")
        lab.wait(.seconds(41))
        #expect(lab.answers().last == "A online, silent")
        lab.start("t", on: "A", timeToLive: .seconds(60), longest: .seconds(50))
        lab.wait(.seconds(50))
        #expect(lab.answers().contains("session t ended: expired"))
    }

    @Test func clocks_runOn_whileThePhoneIsOffline() {
        var lab = online()
        lab.start("s", on: "A", timeToLive: .seconds(60))
        lab.attach(phone.inFastboot(number: 3))
        lab.wait(.seconds(60))
        #expect(
            lab.answers() == [
                "session s accepted", "A utilizing", "A offline (bootloader)", "session s ended: expired",
            ])
    }

    @Test func unplug_endsSessions_inTheOrderOfTheirNames() {
        var lab = online()
        for id in ["b", "a"] { lab.start(id, on: "A") }
        _ = lab.answers()
        lab.detach(phone)
        lab.wait(.seconds(2))
        #expect(
            lab.answers() == ["A unplugged", "session a ended: deviceUnplugged", "session b ended: deviceUnplugged"])
    }

    @Test func unplug_endsSessionsLater_whenThereIsAGrace() {
        var lab = online(unplugGrace: .seconds(30))
        lab.start("s", on: "A")
        lab.detach(phone)
        lab.wait(.milliseconds(31_499))
        #expect(lab.answers() == ["session s accepted", "A utilizing", "A unplugged"])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s ended: deviceUnplugged"])
    }

    @Test func graceIsOver_whenThePhoneReturned() {
        var lab = online(unplugGrace: .seconds(30))
        lab.start("s", on: "A")
        lab.detach(phone)
        lab.wait(.seconds(20))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(60))
        #expect(lab.answers() == ["session s accepted", "A utilizing", "A unplugged", "A utilizing"])
    }

    @Test func settledMove_keepsSessions() {
        var lab = online()
        lab.start("s", on: "A")
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(phone.again(port: "1-2", number: 3))
        lab.wait(.seconds(60))
        #expect(lab.answers() == ["session s accepted", "A utilizing"])
    }

    @Test func lease_waits_whenThePhoneWasNeverThere() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A")])
        var fresh = Scenario(listed: [ListedDevice(udid: "A")])
        fresh.start("s", on: "A", timeToLive: .seconds(60))
        fresh.snapshot()
        fresh.wait(.seconds(30))
        fresh.attach(phone)
        #expect(fresh.answers() == ["session s accepted", "A unplugged, silent", "A utilizing"])
        lab.start("s", on: "A")
        #expect(lab.answers() == ["session s refused: not present"])
    }

    @Test func start_isRefused_whenItsNameLives() {
        var lab = online()
        lab.start("s", on: "A")
        lab.start("s", on: "A")
        #expect(lab.answers() == ["session s accepted", "A utilizing", "session s refused: name taken"])
    }

    @Test func sessions_areBounded() {
        var lab = online()
        for id in 0..<SessionSet.most { lab.start("\(id)", on: "A") }
        _ = lab.answers()
        lab.start("more", on: "A")
        #expect(lab.answers() == ["session more refused: too many"])
    }

    @Test func session_isToldAndOver_whenItHasNoTimeToLive() {
        var lab = online()
        lab.start("s", on: "A", timeToLive: .zero)
        #expect(lab.answers() == ["session s accepted", "A utilizing", "session s ended: expired", "A online, silent"])
    }
}
