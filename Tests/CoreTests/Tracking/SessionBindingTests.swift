@testable import Core
import Testing

/// What sessions live by: heartbeats, a process, a connection, a watcher's sight; and how they come over a restart.
struct SessionBindingTests {
    private let phone = USBDevice.android("A")
    private let process = SessionBinding.process(BoundProcess(pid: 7, startTime: 70))

    private func online() -> Scenario {
        var lab = Scenario.running()
        lab.attach(phone)
        _ = lab.answers()
        return lab
    }

    @Test func boundSession_needsNoHeartbeat_andEndsWithWhatItIsBoundTo() {
        var lab = online()
        lab.start("p", on: "A", timeToLive: nil, binding: process)
        lab.start("c", on: "A", timeToLive: nil, binding: .connection)
        _ = lab.answers()
        lab.wait(.seconds(80_000))
        #expect(lab.answers() == [])
        lab.end("p", .processExited)
        lab.end("c", .connectionClosed)
        #expect(
            lab.answers() == [
                "session p ended: processExited", "session c ended: connectionClosed", "A online, silent",
            ])
    }

    @Test func boundSession_hasALastDeadlineToo() {
        var lab = online()
        lab.start("p", on: "A", timeToLive: nil, longest: .seconds(100), binding: process)
        _ = lab.answers()
        lab.wait(.seconds(100))
        #expect(lab.answers() == ["session p ended: expired", "A online, silent"])
    }

    // MARK: - Observed

    private func seen(_ ids: String..., on device: String = "A") -> [ObservedSession] {
        ids.map { ObservedSession(id: SessionID($0), device: UDID(device), owner: "Appium") }
    }

    @Test func observed_countsAndIsNeverRefused() {
        var lab = online()
        lab.start("x", on: "A", isExclusive: true)
        lab.handle(.sessionsObserved(by: "appium", seen("o")))
        lab.end("x")
        lab.start("y", on: "A", isExclusive: true)
        lab.start("z", on: "A")
        lab.handle(.sessionsObserved(by: "appium", []))
        lab.end("z")
        #expect(
            lab.answers() == [
                "session x accepted", "A utilizing", "session o accepted", "session x ended: released",
                "session y refused: held by o", "session z accepted", "session o ended: released",
                "session z ended: released", "A online, silent",
            ])
    }

    @Test func observed_isOnlyOnAPhoneThatIsThere() {
        var lab = online()
        lab.handle(.sessionsObserved(by: "appium", seen("o", on: "emulator-5554")))
        #expect(lab.answers() == [])
    }

    @Test func lostWatcher_endsNothingBeforeTheGrace() {
        var lab = online()
        lab.handle(.sessionsObserved(by: "appium", seen("o")))
        lab.handle(.sessionsObserved(by: "other", seen("q")))
        _ = lab.answers()
        lab.handle(.watcherLost("appium"))
        lab.wait(.seconds(10))
        lab.handle(.watcherLost("appium"))
        lab.handle(.sessionsObserved(by: "appium", seen("o")))
        lab.wait(.seconds(60))
        #expect(lab.answers() == [], "it came back in time")
        lab.handle(.watcherLost("appium"))
        lab.wait(.milliseconds(14_999))
        #expect(lab.answers() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session o ended: expired"], "the other watcher's session stands")
    }

    @Test func watcher_takesNothingFromAnother() {
        var lab = online()
        lab.handle(.sessionsObserved(by: "appium", seen("o")))
        lab.handle(.sessionsObserved(by: "other", seen("o")))
        lab.handle(.sessionsObserved(by: "other", []))
        #expect(lab.answers() == ["session o accepted", "A utilizing"])
        lab.handle(.sessionsObserved(by: "appium", seen("o", on: "B")))
        #expect(lab.answers() == [], "one under its old name on another phone is not believed")
    }

    // MARK: - Restart

    private func restarted(
        _ binding: SessionBinding, timeToLive: Duration? = nil, isNewBoot: Bool = false, reported: Status = .utilizing,
        unplugGrace: Duration = .zero, listed: [ListedDevice] = []
    ) -> Scenario {
        let now = MonotonicTime.start
        let session = Session(
            id: SessionID("s"), owner: "ci", startedBy: "user ci", binding: binding, startedAt: now,
            timeToLive: timeToLive, lastDeadline: now + .seconds(1_000),
            idleDeadline: timeToLive.map { now + $0 })
        var lab = Scenario(
            listed: listed, unplugGrace: unplugGrace,
            state: TrackerState(
                devices: [DeviceRecord(udid: UDID("A"), name: "A", platform: .android, reported: reported)],
                sessions: [RestoredSession(device: UDID("A"), session: session)], isNewBoot: isNewBoot))
        lab.snapshot(phone)
        return lab
    }

    @Test func lease_survivesARestart_withItsDeadline() {
        var lab = restarted(.lease, timeToLive: .seconds(60))
        lab.wait(.milliseconds(59_999))
        #expect(lab.answers() == [], "utilizing as before, and nothing is told")
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s ended: expired", "A online, silent"])
    }

    @Test func process_staysBound_andEndsWithANewBoot() {
        var lab = restarted(process)
        lab.wait(.seconds(900))
        #expect(lab.answers() == [])
        lab.end("s", .processExited)
        #expect(lab.answers() == ["session s ended: processExited", "A online, silent"])
        var booted = restarted(process, isNewBoot: true)
        #expect(booted.answers() == ["session s ended: processExited", "A online, silent"])
    }

    @Test func connection_hasTenSecondsToComeBack() {
        var lab = restarted(.connection)
        lab.wait(.milliseconds(9_999))
        #expect(lab.answers() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s ended: connectionClosed", "A online, silent"])
        var resumed = restarted(.connection)
        resumed.wait(.seconds(5))
        resumed.handle(.sessionResumed(SessionID("s")))
        resumed.wait(.seconds(900))
        #expect(resumed.answers() == [])
        var booted = restarted(.connection, isNewBoot: true)
        #expect(booted.answers() == ["session s ended: connectionClosed", "A online, silent"])
    }

    @Test func observed_waitsForItsWatcher() {
        var lab = restarted(.observed(by: "appium"))
        lab.wait(.seconds(10))
        lab.handle(.sessionsObserved(by: "appium", seen("s")))
        lab.wait(.seconds(900))
        #expect(lab.answers() == [], "no second utilizing")
        var lost = restarted(.observed(by: "appium"))
        lost.wait(.seconds(15))
        #expect(lost.answers() == ["session s ended: expired", "A online, silent"])
    }

    @Test func session_endsWithTheGrace_ofAPhoneThatWentBefore() {
        let now = MonotonicTime.start
        let session = Session(
            id: SessionID("s"), owner: "ci", startedBy: "user ci", startedAt: now, timeToLive: .seconds(900),
            lastDeadline: now + .seconds(1_000), idleDeadline: now + .seconds(900))
        var lab = Scenario(
            unplugGrace: .seconds(30),
            state: TrackerState(
                devices: [DeviceRecord(udid: UDID("A"), name: "A", platform: .android, reported: .unplugged)],
                sessions: [RestoredSession(device: UDID("A"), session: session)]))
        lab.snapshot()
        lab.wait(.milliseconds(29_999))
        #expect(lab.answers() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.answers() == ["session s ended: deviceUnplugged"])
    }

    @Test func session_isRevoked_whenItsPhoneIsIgnoredMeanwhile() {
        var lab = restarted(.lease, timeToLive: .seconds(60), listed: [ListedDevice(udid: "A", isIgnored: true)])
        #expect(lab.answers() == ["session s ended: revoked"])
    }

    // MARK: - History

    @Test func startAndEnd_areInTheHistory_besideTheStatus() {
        var lab = online()
        lab.start("s", on: "A")
        lab.end("s")
        let words = lab.recorded().map { event in
            "\(event.number.value) \(event.status)\(event.isSilent ? " silent" : "")"
                + (event.session.map { " \($0.owner) \($0.end?.rawValue ?? "started")" } ?? "")
        }
        #expect(
            words == [
                "2 online silent ci started", "3 utilizing", "4 utilizing silent ci released", "5 online silent",
            ])
    }
}
