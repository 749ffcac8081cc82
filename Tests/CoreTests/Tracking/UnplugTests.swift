import Core
import Testing

/// When a phone that left counts as unplugged.
struct UnplugTests {
    private let phone = USBDevice.android("A")

    private func online(_ rules: DetectionRules = DetectionRules()) -> Scenario {
        var lab = Scenario.running(rules: rules)
        lab.attach(phone)
        #expect(lab.told() == ["A online"])
        return lab
    }

    @Test func removal_isUnplugged_whenTheSettleTimeIsOver() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.milliseconds(1_499))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func removal_isUnpluggedAtOnce_whenSettleIsZero() {
        var lab = online(.with { $0.unplugSettle = .zero })
        lab.detach(phone)
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func removal_isNothing_whenThePhoneReturnsInTime() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.milliseconds(1_400))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    /// The later removals are late or repeated news of the first.
    @Test func removal_countsFromTheFirst_whenRepeated() {
        var lab = online()
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.detach(phone)
        lab.snapshot()
        lab.wait(.milliseconds(500))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func removal_isNothing_whenItIsOfAnEarlierPlugging() {
        var lab = online()
        lab.attach(phone.again(number: 3))
        lab.detach(phone)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func flapping_tellsOnlyTheFinalState_whenFasterThanTheSettle() {
        var lab = online()
        for number in 3..<40 {
            lab.detach(phone.again(number: number - 1))
            lab.wait(.seconds(1))
            lab.attach(phone.again(number: number))
            lab.wait(.milliseconds(200))
        }
        #expect(lab.told() == [])
        lab.detach(phone.again(number: 39))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func unplugged_keepsNamePortAndPlatform_whenToldLater() throws {
        var lab = Scenario.running()
        lab.attach(.android("A", port: "1-4.2", product: "Pixel 8"))
        _ = lab.events()
        lab.detach(.android("A", port: "1-4.2"))
        lab.wait(.seconds(2))
        let event = try #require(lab.events().first)
        #expect((event.name, event.port?.description, event.platform) == ("Pixel 8", "1-4.2", .android))
    }

    @Test func nothing_isTold_whenItIsNoPhone() {
        var lab = Scenario.running()
        lab.attach(.stick())
        lab.detach(.stick())
        lab.wait(.seconds(60))
        #expect(lab.takeActions().isEmpty)
    }

    @Test func aPhone_leavesOthersAlone_whenItGoes() {
        var lab = online()
        lab.attach(.android("B", port: "1-2"))
        lab.detach(phone)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["B online", "A unplugged"])
    }
}
