import Core
import Testing

/// A phone that somebody reboots or flashes: away without an alarm, for a while.
struct ExpectedAbsenceTests {
    private let phone = USBDevice.android("A")

    /// The phone is there and online.
    private func online(sensed: Set<Platform> = [], unplugGrace: Duration = .zero) -> Scenario {
        var lab = Scenario.running(sensed: sensed, unplugGrace: unplugGrace)
        lab.attach(phone)
        if !sensed.isEmpty { lab.hear(.ready, of: "A") }
        #expect(lab.told() == ["A online"])
        return lab
    }

    private func isExpected(_ lab: Scenario) -> Bool { lab.record(of: "A")?.expectedAbsence != nil }

    // MARK: - It ends by return

    @Test func phone_isOfflineAndOnline_whenItGoesAndReturns() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.wait(.milliseconds(1_499))
        #expect(lab.told() == [])
        // It has been gone for the settle time: no further hold.
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A offline (rebooting)"])
        lab.wait(.seconds(120))
        #expect(isExpected(lab))
        lab.attach(phone.again(number: 3))
        #expect(lab.told() == ["A online"] && !isExpected(lab))
        lab.wait(.seconds(1_000))
        #expect(lab.told() == [])
    }

    @Test func nothing_isTold_whenItWasAwayForLessThanTheSettleTime() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(10))
        #expect(lab.told() == [])
        // That was a re-enumeration: the reboot is still to come.
        #expect(isExpected(lab))
    }

    @Test func secondRemoval_isUnplugged_afterTheReturn() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.wait(.seconds(60))
        lab.attach(phone.again(number: 3))
        lab.detach(phone.again(number: 3))
        lab.wait(.seconds(600))
        #expect(lab.told() == ["A offline (rebooting)", "A online", "A unplugged"])
    }

    /// A flash: Android, fastboot, away, fastboot again, away, Android.
    @Test func phone_staysCovered_throughAllItsModes() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.wait(.seconds(5))
        for number in [3, 4] {
            lab.attach(phone.inFastboot(number: number))
            lab.wait(.seconds(30))
            #expect(lab.record(of: "A")?.reason == .bootloader)
            lab.detach(phone.inFastboot(number: number))
            lab.wait(.seconds(30))
            #expect(lab.record(of: "A")?.reason == .rebooting)
        }
        #expect(lab.told() == ["A offline (rebooting)"] && isExpected(lab))
        lab.attach(phone.again(number: 5))
        lab.wait(.seconds(1))
        #expect(lab.told() == ["A online"] && !isExpected(lab))
    }

    /// Between the modes it was away for less than the settle time; that is a return all the same.
    @Test func return_isSeen_whenItWasNeverAwayBetweenItsModes() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.attach(phone.inFastboot(number: 3))
        lab.wait(.seconds(30))
        lab.detach(phone.inFastboot(number: 3))
        lab.attach(phone.again(number: 4))
        lab.wait(.seconds(30))
        #expect(lab.told() == ["A offline (bootloader)", "A online"] && !isExpected(lab))
    }

    /// What the sensor said before the reboot is not of this boot; and one that is not ready is not back.
    @Test func return_waitsUntilThePhoneCanBeUsed() {
        var lab = online(sensed: [.android])
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.hear(.unknown, of: "A")
        lab.wait(.seconds(20))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(10))
        lab.hear(.notReady(.notBooted), of: "A")
        lab.wait(.seconds(10))
        #expect(lab.told() == ["A offline (rebooting)"] && isExpected(lab))
        #expect(lab.record(of: "A")?.reason == .notBooted)
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        #expect(lab.told() == ["A online"] && !isExpected(lab))
    }

    // MARK: - It ends by time

    @Test func phone_isUnpluggedOnce_whenTheTimeIsUp() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.wait(.milliseconds(59_999))
        #expect(lab.told() == ["A offline (rebooting)"])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"] && !isExpected(lab))
        lab.wait(.seconds(1_000))
        #expect(lab.told() == [])
    }

    @Test func nothing_isTold_whenItNeverWentAway() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.wait(.seconds(60))
        #expect(lab.told() == [] && !isExpected(lab))
        #expect(lab.tracker.nextDeadline == nil)
        lab.detach(phone)
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A unplugged"])
    }

    /// The agent was held up: what was due first comes first, as if it had been called in time.
    @Test func lateCall_tellsTheSame() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        var late = lab
        lab.wait(.seconds(90))
        late.jump(.seconds(90))
        let told = ["A offline (rebooting)", "A unplugged"]
        #expect(lab.told() == told && late.told() == told)
    }

    @Test func phone_isUnpluggedAsEver_whenTheTimeIsUpWithinTheSettleTime() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(1))
        lab.detach(phone)
        lab.wait(.seconds(90))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func secondAnnouncement_replacesTheFirst() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.wait(.seconds(50))
        lab.expectAbsence(of: "A", for: .seconds(60), reason: "once more")
        #expect(lab.record(of: "A")?.expectedAbsence?.reason == "once more")
        lab.wait(.milliseconds(59_999))
        #expect(lab.told() == ["A offline (rebooting)"])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func time_isBounded() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(1_000_000))
        lab.detach(phone)
        lab.wait(.seconds(900))
        #expect(lab.told() == ["A offline (rebooting)", "A unplugged"])
    }

    // MARK: - It ends by cancellation

    @Test func phone_isUnpluggedOnce_whenItIsCancelledWhileAway() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.detach(phone)
        lab.wait(.seconds(5))
        lab.cancelAbsence(of: "A")
        lab.cancelAbsence(of: "A")
        lab.wait(.seconds(1_000))
        #expect(lab.told() == ["A offline (rebooting)", "A unplugged"])
    }

    @Test func nothing_isTold_whenItIsCancelledWhileThere() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(600))
        lab.cancelAbsence(of: "A")
        lab.wait(.seconds(1_000))
        #expect(lab.told() == [] && !isExpected(lab))
    }

    @Test func ends_areNoted() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(10))
        lab.cancelAbsence(of: "A")
        lab.expectAbsence(of: "A", for: .seconds(10))
        lab.wait(.seconds(10))
        lab.expectAbsence(of: "A", for: .seconds(10))
        lab.detach(phone)
        lab.wait(.seconds(5))
        lab.attach(phone)
        let ends = lab.notes().compactMap { if case .absenceEnded(_, let end) = $0 { end } else { nil } }
        #expect(ends == [.cancelled, .timeUp, .returned])
    }

    // MARK: - Beside other things

    @Test func unpluggedPhone_staysSo() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.seconds(2))
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.wait(.seconds(90))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func unknownPhone_isNotMadeUp() {
        var lab = online()
        lab.expectAbsence(of: "B", for: .seconds(60))
        lab.cancelAbsence(of: "B")
        #expect(lab.record(of: "B") == nil)
    }

    @Test func sessions_outliveTheReboot_andNotTheTime() {
        var lab = online()
        lab.start("s", on: "A")
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.wait(.seconds(30))
        lab.attach(phone.again(number: 3))
        #expect(lab.answers() == ["session s accepted", "A utilizing", "A offline (rebooting)", "A utilizing"])
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone.again(number: 3))
        lab.wait(.seconds(30))
        lab.start("t", on: "A")
        #expect(lab.answers() == ["A offline (rebooting)", "session t refused: rebooting"])
        lab.wait(.seconds(30))
        #expect(lab.answers() == ["A unplugged", "session s ended: deviceUnplugged"])
    }

    @Test func phone_isNotForgotten_whileItIsExpectedBack() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.wait(.seconds(30))
        lab.handle(.deviceForgotten(UDID("A")))
        #expect(lab.status(of: "A") == .offline)
    }

    @Test func otherPhoneOnItsPort_endsTheSettleTimeOnly() {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.attach(.android("B", number: 3))
        #expect(lab.told() == ["A offline (rebooting)", "B online"])
    }

    // MARK: - Over a restart

    private let wall = WallTime(milliseconds: 1_700_000_000_000)

    private func restarted(_ reported: Status, secondsLeft: Int64, hasBegun: Bool) -> Scenario {
        let until = WallTime(milliseconds: wall.milliseconds + secondsLeft * 1_000)
        let record = DeviceRecord(
            udid: UDID("A"), name: "Pixel 8", platform: .android, port: PortPath("1-1"), reported: reported,
            reason: reported == .offline ? .rebooting : nil,
            expectedAbsence: ExpectedAbsence(until: until, reason: "", hasBegun: hasBegun))
        return Scenario(state: TrackerState(devices: [record], wallTime: wall))
    }

    @Test func restart_changesNothing_whileThePhoneIsAway() {
        var lab = restarted(.offline, secondsLeft: 60, hasBegun: true)
        lab.snapshot()
        lab.wait(.milliseconds(59_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func return_isSeen_afterARestart() {
        var lab = restarted(.offline, secondsLeft: 60, hasBegun: true)
        lab.snapshot()
        lab.wait(.seconds(30))
        lab.attach(phone)
        #expect(lab.told() == ["A online"] && !isExpected(lab))
    }

    @Test func return_isSeen_whenItWasDuringTheRestart() {
        var lab = restarted(.offline, secondsLeft: 60, hasBegun: true)
        lab.snapshot(phone)
        #expect(lab.told() == ["A online"] && !isExpected(lab))
    }

    @Test func phoneThatWentDuringTheRestart_isOffline() {
        var lab = restarted(.online, secondsLeft: 60, hasBegun: false)
        lab.snapshot()
        lab.wait(.seconds(5))
        #expect(lab.told() == ["A offline (rebooting)"])
        lab.wait(.seconds(55))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func time_thatWasUpBeforeTheStart_actsAfterTheSettleTime() {
        var lab = restarted(.offline, secondsLeft: -60, hasBegun: true)
        lab.snapshot()
        lab.wait(.milliseconds(4_999))
        #expect(lab.told() == [] && !isExpected(lab))
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"])
    }

    /// The clock was set back by a year while the agent was down.
    @Test func time_isBounded_whateverTheClockSays() {
        var lab = restarted(.offline, secondsLeft: 31_536_000, hasBegun: true)
        lab.snapshot()
        lab.wait(.seconds(900))
        #expect(lab.told() == ["A unplugged"])
    }

    /// What is remembered is enough: a restart in the middle tells what no restart would have told.
    @Test func rememberedRecord_goesOnWhereItWas() throws {
        var lab = online()
        lab.expectAbsence(of: "A", for: .seconds(60))
        lab.detach(phone)
        lab.wait(.seconds(10))
        var remembered: DeviceRecord?
        for case .remember(let record) in lab.takeActions() { remembered = record }
        let record = try #require(remembered)
        let state = TrackerState(
            devices: [record], wallTime: WallTime(milliseconds: lab.now.nanoseconds / 1_000_000))
        var next = Scenario(state: state, at: lab.now)
        next.snapshot()
        next.wait(.milliseconds(49_999))
        #expect(next.told() == [])
        next.wait(.milliseconds(1))
        #expect(next.told() == ["A unplugged"])
    }
}
