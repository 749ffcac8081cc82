import Core
import Testing

/// After a start only the differences to what was last reported are told.
struct RestartTests {
    private let phone = USBDevice.android("A")

    private func restarted(
        _ reported: Status, reason: Reason? = nil, isNewBoot: Bool = false, sensed: Set<Platform> = []
    ) -> Scenario {
        let record = DeviceRecord(
            udid: UDID("A"), name: "Pixel 8", platform: .android, port: PortPath("1-1"), reported: reported,
            reason: reason)
        let state = TrackerState(devices: [record], nextEvent: EventNumber(100), isNewBoot: isNewBoot)
        return Scenario(sensed: sensed, state: state)
    }

    @Test(arguments: [Status.online, .utilizing, .unplugged, .offline])
    func nothing_isTold_beforeTheFirstSnapshot(_ status: Status) {
        var lab = restarted(status)
        lab.wait(.seconds(600))
        #expect(lab.takeActions().isEmpty)
    }

    @Test func nothing_isTold_whenThePhoneIsAsItWas() {
        var lab = restarted(.online)
        lab.snapshot(phone)
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func phone_isUnplugged_whenItWentWhileNobodyWatched() throws {
        var lab = restarted(.online)
        lab.snapshot()
        lab.wait(.milliseconds(4_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        let event = try #require(lab.events().first)
        #expect((event.status, event.previous, event.number) == (.unplugged, .online, EventNumber(100)))
        #expect((event.name, event.port) == ("Pixel 8", PortPath("1-1")))
    }

    @Test func phone_isUnpluggedAtOnce_whenTheFirstSnapshotCameAfterTheSettleTime() {
        var lab = restarted(.online)
        lab.wait(.seconds(7))
        lab.snapshot()
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func absence_waitsForTheRack_whenTheHostWasBooted() {
        var lab = restarted(.online, isNewBoot: true)
        lab.snapshot()
        lab.wait(.milliseconds(59_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func phone_isNothing_whenTheRackWasSlowToShowIt() {
        var lab = restarted(.online, isNewBoot: true)
        lab.snapshot()
        lab.wait(.seconds(59))
        lab.attach(phone)
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func seenRemoval_countsAfterItsSettle_evenDuringTheStart() {
        var lab = restarted(.online, isNewBoot: true)
        lab.snapshot(phone)
        lab.detach(phone)
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A unplugged"])
    }

    /// Nobody uses the phone any more, and nobody is told so.
    @Test func utilizing_isSilentlyOnline_whenItsSessionIsOver() {
        var lab = restarted(.utilizing)
        lab.snapshot(phone)
        #expect(lab.told() == ["A online, silent"])
    }

    @Test func offline_isOnlyHeldOn_whenTheReasonStillStands() {
        var lab = restarted(.offline, reason: .bootloader)
        lab.snapshot(phone.inFastboot(number: 2))
        #expect(lab.record(of: "A")?.reason == .bootloader)
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func offline_refusesSessionsWithItsReason_whenNothingNewIsKnown() {
        var lab = restarted(.offline, reason: .recovery, sensed: [.android])
        lab.snapshot(phone)
        lab.start("s", on: "A")
        lab.wait(.seconds(2))
        #expect(lab.answers() == ["look again at A", "session s waits as 1", "session s refused: recovery"])
    }

    @Test func online_isOffline_whenTheModeChangedMeanwhile() {
        var lab = restarted(.online)
        lab.snapshot(phone.inFastboot(number: 2))
        lab.wait(.seconds(5))
        #expect(lab.told() == ["A offline (bootloader)"])
    }

    @Test func unplugged_isOnline_whenItCameMeanwhile() {
        var lab = restarted(.unplugged)
        lab.snapshot(phone)
        #expect(lab.told() == ["A online"])
    }

    @Test func listedPhone_isSilentlyUnplugged_whenNeverSeen() {
        var lab = Scenario(listed: [ListedDevice(udid: "A", name: "Bench 7")])
        lab.snapshot()
        lab.wait(.seconds(5))
        #expect(lab.told() == ["A unplugged, silent"])
        lab.snapshot()
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func duplicates_tellNothing_whenTheyWereToldBefore() {
        var lab = restarted(.offline, reason: .duplicateSerial)
        lab.snapshot(phone, phone.again(port: "1-2", number: 3))
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func utilizing_isSilent_untilTheRecordIsOnDisk() {
        var lab = restarted(.utilizing)
        lab.snapshot(phone)
        let actions = lab.takeActions()
        guard case .remember(let record)? = actions.first, case .record(let event)? = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions.count == 2 && event.isSilent && record.reported == .online)
    }
}
