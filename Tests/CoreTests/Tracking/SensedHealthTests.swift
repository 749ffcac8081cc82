import Core
import Testing

/// What the words of a sensor, and its silence, do to a status.
@Suite struct SensedHealthTests {
    @Test func nobodyToAsk_leavesWhatWasTold_forAnyTime() {
        var lab = Scenario(
            sensed: [.android],
            state: TrackerState(devices: [DeviceRecord(udid: UDID("A"), name: "Pixel", reported: .online)]))
        lab.snapshot(.android("A"))
        lab.hear(.unsensed, of: "A")
        lab.wait(.seconds(3600))
        #expect(lab.record(of: "A")?.reported == .online)
        lab.hear(.notReady(.unauthorized), of: "A")
        lab.wait(.seconds(6))
        #expect(lab.record(of: "A")?.reported == .offline)
    }

    @Test func silence_isToldInTheEnd_whenSomebodyIsAsked() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.unsensed, of: "A")
        lab.wait(.seconds(60))
        #expect(lab.record(of: "A")?.reported == nil)
        lab.hear(.unknown, of: "A")
        lab.wait(.seconds(60))
        #expect(lab.record(of: "A")?.reported == .offline)
        #expect(lab.record(of: "A")?.reason == .activationTimeout)
    }

    /// An adb server that has started anew lists the phones one after the other.
    @Test func phoneThatItsSensorListsNoMore_isOffline_onlyIfThatLasts() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.ready, of: "A")
        #expect(lab.told() == ["A online"])
        for _ in 0..<3 {
            lab.hear(.missing(.adbMissing), of: "A")
            lab.wait(.milliseconds(29_999))
            lab.hear(.ready, of: "A")
            lab.wait(.seconds(60))
        }
        #expect(lab.told() == [])
        lab.hear(.missing(.adbMissing), of: "A")
        lab.wait(.milliseconds(29_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A offline (adbMissing)"])
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        #expect(lab.told() == ["A online"])
    }

    @Test func phoneThatIsOffline_keepsItsReason_whenItIsListedNoMore() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.notReady(.unauthorized), of: "A")
        lab.wait(.seconds(10))
        lab.hear(.missing(.adbMissing), of: "A")
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (unauthorized)"])
        #expect(lab.record(of: "A")?.reason == .unauthorized)
    }

    @Test func phoneThatCameWhileItsSensorWasAway_isOfflineForThat() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.android("A"))
        lab.hear(.missing(.adbServerDown), of: "A")
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (adbServerDown)"])
    }

    @Test func ownName_namesThePhone_andStaysOverAPlugging() {
        var lab = Scenario.running()
        lab.attach(.android("A", product: "SAMSUNG_Android"))
        lab.handle(.factsReported(UDID("A"), PhoneFacts(name: "Galaxy Note 8", model: "SM-N950F")))
        #expect(lab.record(of: "A")?.name == "Galaxy Note 8")
        lab.attach(.android("A", number: 9, product: "SAMSUNG_Android"))
        #expect(lab.record(of: "A")?.name == "Galaxy Note 8")
        lab.handle(.factsReported(UDID("A"), PhoneFacts()))
        #expect(lab.record(of: "A")?.name == "Galaxy Note 8")
    }

    @Test func configuredName_goesBeforeThePhonesOwn() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", name: "Bench 7")])
        lab.attach(.android("A"))
        lab.handle(.factsReported(UDID("A"), PhoneFacts(name: "Galaxy Note 8")))
        #expect(lab.record(of: "A")?.name == "Bench 7")
    }

    @Test func factsOfAStranger_areNothing() {
        var lab = Scenario.running()
        lab.handle(.factsReported(UDID("A"), PhoneFacts(name: "Galaxy Note 8")))
        #expect(lab.record(of: "A") == nil)
    }

    @Test func present_areThoseThatHangThere() {
        var lab = Scenario.running()
        let phone = USBDevice.android("A")
        lab.attach(phone)
        let present = lab.tracker.present
        #expect(present.map(\.udid) == [UDID("A")])
        #expect(present.first?.port == phone.port)
        #expect(present.first?.hasOwnSerial == true)
        lab.detach(phone)
        #expect(lab.tracker.present.isEmpty)
    }
}
