import Core
import Testing

/// By which name a phone goes: the configuration's, the product string, the UDID.
struct NameTests {
    private func name(of products: String?..., listed: [ListedDevice] = []) -> String? {
        var lab = Scenario.running(listed: listed)
        for product in products { lab.attach(.android("A", product: product)) }
        return lab.record(of: "A")?.name
    }

    @Test func configuration_namesThePhone_beforeItsOwnProduct() {
        #expect(name(of: "Pixel 8", listed: [ListedDevice(udid: "A", name: "Bench 7")]) == "Bench 7")
    }

    @Test func product_namesThePhone_whenTheConfigurationDoesNot() {
        #expect(name(of: "Pixel 8", listed: [ListedDevice(udid: "A")]) == "Pixel 8")
    }

    @Test(arguments: [nil, "", " \0", "\u{1}\u{7f}", "\u{1} \u{1}"] as [String?])
    func udid_namesThePhone_whenNothingElseDoes(_ product: String?) { #expect(name(of: product) == "A") }

    @Test func lastGoodName_isRemembered_whenALaterReadLacksIt() { #expect(name(of: "Pixel 8", nil, "") == "Pixel 8") }

    @Test func newProduct_renamesThePhone() { #expect(name(of: "Pixel 8", "Pixel 8 Pro") == "Pixel 8 Pro") }

    @Test func controlCharacters_areGone() {
        #expect(name(of: "\u{1b}[31mPix\nel\t8\u{9b}\u{0}\u{1} ") == "[31mPixel8")
    }

    @Test func otherScripts_areKept() { #expect(name(of: "Điện thoại 📱 携帯") == "Điện thoại 📱 携帯") }

    @Test func name_isBounded_whenTheProductIsHostile() throws {
        let hostile = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(try #require(name(of: hostile)).unicodeScalars.count <= 126)
    }

    @Test func fastboot_doesNotRename_whenThePhoneHasAName() {
        var lab = Scenario.running()
        lab.attach(.android("A", product: "Pixel 8"))
        lab.attach(USBDevice.android("A").inFastboot(number: 3))
        #expect(lab.record(of: "A")?.name == "Pixel 8")
    }

    @Test func fastboot_names_onlyUntilThePhoneDoesItself() {
        var lab = Scenario.running()
        lab.attach(USBDevice.android("A").inFastboot(number: 3))
        #expect(lab.record(of: "A")?.name == "Android")
        lab.attach(.android("A", number: 4, product: "Pixel 8"))
        #expect(lab.record(of: "A")?.name == "Pixel 8")
    }

    @Test(arguments: [true, false])
    func ownName_isRemembered_overARestart(_ isThere: Bool) {
        let record = DeviceRecord(
            udid: UDID("A"), name: "Galaxy Note 8", platform: .android,
            facts: PhoneFacts(name: "Galaxy Note 8", model: "SM-N950F"), reported: .online)
        var lab = Scenario(sensed: [.android], state: TrackerState(devices: [record], nextEvent: EventNumber(2)))
        if isThere { lab.snapshot(.android("A", product: "SAMSUNG_Android")) } else { lab.snapshot() }
        lab.wait(.seconds(60))
        #expect(lab.record(of: "A")?.name == "Galaxy Note 8")
        #expect(lab.record(of: "A")?.facts.model == "SM-N950F")
    }

    @Test func ownName_isBack_whenTheConfigurationNamesThePhoneNoLonger() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", name: "Bench 7")])
        lab.attach(.android("A", product: "SAMSUNG_Android"))
        lab.handle(.factsReported(UDID("A"), PhoneFacts(name: "Galaxy Note 8")))
        #expect(lab.record(of: "A")?.name == "Bench 7")
        lab.handle(.settingsChanged(TrackerSettings()))
        #expect(lab.record(of: "A")?.name == "Galaxy Note 8")
    }

    @Test func rename_isRemembered_andNoEvent() {
        var lab = Scenario.running()
        lab.attach(.android("A", product: "Pixel 8"))
        _ = lab.takeActions()
        lab.attach(.android("A", product: "Pixel 8 Pro"))
        let actions = lab.takeActions()
        guard case .remember(let record)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(record.name == "Pixel 8 Pro")
    }
}
