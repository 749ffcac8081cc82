@testable import Core
import Testing

/// Who wants a phone that is not free: refused, or one queue by arrival.
struct WaitingTests {
    private func lab(_ serials: String...) -> Scenario {
        var lab = Scenario.running()
        for (index, serial) in serials.enumerated() { lab.attach(.android(serial, port: "1-\(index + 1)")) }
        _ = lab.answers()
        return lab
    }

    @Test func exclusive_isRefused_whileAnotherCounts() {
        var lab = lab("A")
        lab.start("s", on: "A")
        lab.start("x", on: "A", isExclusive: true)
        lab.start("t", on: "A")
        #expect(
            lab.answers() == [
                "session s accepted", "A utilizing", "session x refused: held by s", "session t accepted",
            ])
    }

    @Test func exclusive_keepsOthersAway_asLongAsItLives() {
        var lab = lab("A")
        lab.start("r", on: "A", kind: .reserved)
        lab.start("x", on: "A", isExclusive: true)
        lab.start("s", on: "A")
        lab.start("q", on: "A", kind: .reserved)
        lab.end("x")
        lab.start("t", on: "A")
        #expect(
            lab.answers() == [
                "session r accepted", "session x accepted", "A utilizing", "session s refused: held by x",
                "session q accepted", "session x ended: released", "A online, silent", "session t accepted",
                "A utilizing",
            ])
    }

    @Test func waiting_isServed_byArrival() {
        var lab = lab("A")
        lab.start("s", on: "A", isExclusive: true)
        for id in ["1", "2", "3"] { lab.start(id, on: "A", isExclusive: true, patience: .seconds(60)) }
        #expect(
            lab.answers().suffix(3) == ["session 1 waits as 1", "session 2 waits as 2", "session 3 waits as 3"])
        lab.end("2")
        lab.end("s")
        lab.end("1")
        #expect(
            lab.answers() == [
                "session 2 withdrawn", "session s ended: released", "session 1 accepted", "session 1 ended: released",
                "session 3 accepted",
            ], "utilizing goes on without a gap")
    }

    @Test func waiting_isRefused_whenItsTimeIsUp() {
        var lab = lab("A")
        lab.start("s", on: "A", isExclusive: true)
        lab.start("w", on: "A", patience: .seconds(60))
        _ = lab.answers()
        lab.wait(.milliseconds(59_999))
        #expect(lab.answers() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session w refused: waited in vain"])
        lab.end("s")
        #expect(lab.answers() == ["session s ended: released", "A online, silent"])
    }

    @Test func waiting_coversAPhoneThatIsUnplugged() {
        var lab = lab("A")
        let phone = USBDevice.android("A", port: "1-1")
        lab.detach(phone)
        lab.wait(.seconds(2))
        lab.start("w", on: "A", patience: .seconds(60))
        #expect(lab.answers() == ["A unplugged", "session w waits as 1"])
        lab.attach(phone.again(number: 7))
        #expect(lab.answers() == ["A online", "session w accepted", "A utilizing"])
    }

    @Test func waiting_coversAPhoneThatIsOffline() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.notReady(.unauthorized), of: "A")
        lab.wait(.seconds(40))
        lab.start("w", on: "A", patience: .seconds(60))
        #expect(lab.answers() == ["A offline (unauthorized)", "look again at A", "session w waits as 1"])
        lab.wait(.seconds(10))
        #expect(lab.answers() == [], "for as long as it wanted to wait, not for a second look alone")
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        #expect(lab.answers() == ["session w accepted", "A utilizing"])
    }

    @Test func startOnOffline_isDecidedByASecondLook() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.notReady(.unauthorized), of: "A")
        lab.wait(.seconds(40))
        _ = lab.answers()
        lab.start("s", on: "A")
        lab.hear(.notReady(.adbOffline), of: "A")
        lab.wait(.milliseconds(1_999))
        #expect(lab.answers() == ["look again at A", "session s waits as 1"])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s refused: adbOffline"], "with the latest reason")
        lab.start("t", on: "A")
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        #expect(
            lab.answers() == ["look again at A", "session t waits as 1", "session t accepted", "A utilizing"])
    }

    @Test func startOnAModeThatIsNoUse_isRefusedAtOnce() {
        var lab = lab("A")
        lab.attach(USBDevice.android("A").inFastboot(number: 3))
        lab.wait(.seconds(10))
        lab.start("s", on: "A")
        #expect(lab.answers() == ["A offline (bootloader)", "session s refused: bootloader"])
    }

    @Test func unknownPhone_isNotWaitedFor() {
        var lab = lab("A")
        lab.start("s", on: "Z", patience: .seconds(60))
        #expect(lab.answers() == ["session s refused: unknown device"])
    }

    @Test func waiting_isBounded() {
        var lab = lab("A")
        lab.start("s", on: "A", isExclusive: true)
        for id in 0..<WaitingQueue.most { lab.start("\(id)", on: "A", patience: .seconds(60)) }
        _ = lab.answers()
        lab.start("more", on: "A", patience: .seconds(60))
        #expect(lab.answers() == ["session more refused: too many wait"])
    }

    // MARK: - Any

    @Test func any_isOneThatIsFree_andNobodyElseGetsIt() {
        var lab = lab("A", "B")
        for id in ["1", "2", "3"] { lab.startAny(id) }
        #expect(
            lab.answers() == [
                "session 1 accepted", "A utilizing", "session 2 accepted", "B utilizing",
                "session 3 refused: none of 2 is free",
            ])
        lab.start("s", on: "A")
        #expect(lab.answers() == ["session s refused: held by 1"])
    }

    @Test func any_takesTheOneThatWasLeftAloneLongest() {
        var lab = lab("A", "B", "C")
        for id in ["1", "2", "3"] { lab.startAny(id) }
        for id in ["2", "3", "1"] { lab.end(id) }
        _ = lab.answers()
        for id in ["4", "5", "6"] { lab.startAny(id) }
        #expect(lab.answers().filter { !$0.hasPrefix("session") } == ["B utilizing", "C utilizing", "A utilizing"])
    }

    @Test func any_fitsTheFilter() {
        var lab = Scenario.running(listed: [
            ListedDevice(udid: "A", name: "Pixel 8"), ListedDevice(udid: "B", name: "Galaxy", labels: ["team": "pay"]),
        ])
        lab.attach(.android("A", port: "1-1"))
        lab.attach(.android("B", port: "1-2"))
        lab.attach(.iphone("00008020001A2D3E4F50601E", port: "1-3"))
        _ = lab.answers()
        lab.startAny("1", DeviceFilter(platform: .ios))
        lab.startAny("2", DeviceFilter(labels: ["team": "pay"]))
        lab.startAny("3", DeviceFilter(name: Glob("pixel*")))
        lab.startAny("4", DeviceFilter(name: Glob("Pix?l*")))
        lab.startAny("5", DeviceFilter(labels: ["team": "none"]))
        #expect(
            lab.answers() == [
                "session 1 accepted", "00008020-001A2D3E4F50601E utilizing", "session 2 accepted", "B utilizing",
                "session 3 refused: none of 0 is free", "session 4 accepted", "A utilizing",
                "session 5 refused: none of 0 is free",
            ])
    }

    @Test func any_leavesWhatIsReservedForOthers() {
        var lab = lab("A")
        lab.start("r", on: "A", kind: .reserved, owner: "ann")
        _ = lab.answers()
        lab.startAny("1", owner: "ben")
        lab.startAny("2", owner: "ann")
        #expect(
            lab.answers() == ["session 1 refused: none of 1 is free", "session 2 accepted", "A utilizing"])
    }

    @Test func any_leavesAPhoneThatIsGoingOffline_orAboutToReboot() {
        var lab = Scenario.running(sensed: [.android])
        for (index, serial) in ["A", "B"].enumerated() {
            lab.attach(.android(serial, port: "1-\(index + 1)"))
            lab.hear(.ready, of: serial)
        }
        lab.hear(.notReady(.adbOffline), of: "A")
        lab.expectAbsence(of: "B", for: .seconds(60))
        _ = lab.answers()
        lab.startAny("1")
        #expect(lab.answers() == ["session 1 refused: none of 2 is free"])
    }

    /// The first in the queue whose request matches what became free: not simply the first.
    @Test func firstThatFits_isServed() {
        var lab = lab("A", "B")
        lab.startAny("a")
        lab.startAny("b")
        lab.start("wantsB", on: "B", isExclusive: true, patience: .seconds(60))
        lab.startAny("any", patience: .seconds(60))
        lab.start("alsoA", on: "A", isExclusive: true, patience: .seconds(60))
        _ = lab.answers()
        lab.end("a")
        #expect(lab.answers() == ["session a ended: released", "session any accepted"])
        lab.end("b")
        #expect(lab.answers() == ["session b ended: released", "session wantsB accepted"])
        lab.end("any")
        #expect(lab.answers() == ["session any ended: released", "session alsoA accepted"])
    }

    @Test(arguments: [
        ("", "", true), ("*", "", true), ("a*", "abc", true), ("*c", "abc", true), ("a?c", "abc", true),
        ("a?c", "ac", false), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("A", "a", false),
        ("a", "ab", false), ("**", "é", true), ("?", "é", true), ("*aaab", "aaaaaaaaaab", true),
    ]) func glob_matchesTheWholeText(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(Glob(pattern).matches(text) == matches)
    }

    @Test func glob_isNotSlow_onWhatIsMadeToBeSlow() {
        let text = String(repeating: "a", count: 2_000)
        #expect(!Glob(String(repeating: "*a", count: 60) + "b").matches(text))
    }
}
