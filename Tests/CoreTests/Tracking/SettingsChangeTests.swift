@testable import Core
import Testing

/// What a new configuration does to phones that are known already. By itself it is no news of any of them.
struct SettingsChangeTests {
    private static func settings(
        _ listed: [ListedDevice] = [], rules: DetectionRules = DetectionRules()
    ) -> TrackerSettings {
        TrackerSettings(rules: rules, listed: ListedDevices(listed))
    }

    @Test func name_isTheOneOfTheNewConfiguration_withTheNextEvent() {
        var lab = Scenario.running()
        lab.attach(.android("A", product: "Pixel 8"))
        _ = lab.told()
        lab.handle(.settingsChanged(Self.settings([ListedDevice(udid: "A", name: "Bench A")])))
        #expect(lab.told() == [])
        lab.detach(.android("A"))
        lab.wait(.seconds(2))
        #expect(lab.events().map(\.name) == ["Bench A"])
    }

    @Test func name_isThePhonesOwnAgain_whenItIsListedNoMore() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", name: "Bench A")])
        lab.attach(.android("A", product: "Pixel 8"))
        lab.handle(.settingsChanged(Self.settings()))
        #expect(lab.record(of: "A")?.name == "Pixel 8")
    }

    @Test func group_isTheNewOne_forTheNextEvent() {
        var lab = Scenario.running()
        lab.attach(.android("A"))
        lab.handle(.settingsChanged(Self.settings([ListedDevice(udid: "A", group: .public)])))
        lab.detach(.android("A"))
        lab.wait(.seconds(2))
        #expect(lab.events().map(\.group) == [.local, .public])
    }

    @Test func ignoredPhone_isForgottenWithoutAWord_andItsSessionsEnd() {
        var lab = Scenario.running()
        lab.attach(.android("A"))
        lab.start("s", on: "A")
        _ = lab.answers()
        lab.handle(.settingsChanged(Self.settings([ListedDevice(udid: "A", isIgnored: true)])))
        #expect(lab.answers() == ["session s ended: revoked"])
        lab.detach(.android("A"))
        lab.attach(.android("A"))
        lab.wait(.seconds(60))
        #expect(lab.answers() == [])
        #expect(lab.tracker.devices.isEmpty)
    }

    @Test func phoneThatIsIgnoredNoMore_isTold_withTheNextSnapshot() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", isIgnored: true)])
        lab.attach(.android("A"))
        lab.handle(.settingsChanged(Self.settings()))
        #expect(lab.told() == [])
        lab.snapshot(.android("A"))
        #expect(lab.told() == ["A online"])
    }

    @Test func includeRule_actsWithTheNextSnapshot_andWithoutAWordWhenItIsTakenBack() {
        var odd = USBDevice.android("A")
        (odd.vendorID, odd.productID, odd.interfaces) = (0x1234, 0x5678, [])
        var lab = Scenario.running()
        lab.attach(odd)
        lab.handle(
            .settingsChanged(
                Self.settings(
                    rules: .with { $0.include = [DetectionRules.Include(vendorID: 0x1234, productID: nil)] })))
        lab.snapshot(odd)
        #expect(lab.told() == ["A online"])
        lab.handle(.settingsChanged(Self.settings()))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        #expect(lab.tracker.devices.isEmpty)
    }

    @Test func portBinding_namesThePhoneThatHangsThereAlready() {
        let bench = ListedDevice(udid: "bench-7", port: "pci-0000:00:14.0-usb-0:4.2")
        var lab = Scenario.running()
        lab.attach(.android(nil, port: "1-4.2"))
        #expect(lab.told() == [])
        lab.handle(.settingsChanged(Self.settings([bench])))
        #expect(lab.told() == ["bench-7 online"])
        lab.handle(.settingsChanged(Self.settings()))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        #expect(lab.tracker.devices.isEmpty)
    }

    @Test func portBinding_ofAnotherPort_isNewsOfThePhonesThatItNames() {
        let bench = { ListedDevice(udid: $0, port: "pci-0000:00:14.0-usb-0:4.2") }
        var lab = Scenario.running(listed: [bench("bench-7")])
        lab.attach(.android(nil, port: "1-4.2"))
        _ = lab.told()
        lab.handle(.settingsChanged(Self.settings([bench("bench-8")])))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["bench-8 online"])
        #expect(lab.status(of: "bench-7") == nil)
    }

    @Test func shorterSettle_actsOnTheNextRemoval() {
        var lab = Scenario.running()
        lab.attach(.android("A"))
        lab.handle(.settingsChanged(Self.settings(rules: .with { $0.unplugSettle = .zero })))
        lab.detach(.android("A"))
        #expect(lab.told() == ["A online", "A unplugged"])
    }

    @Test func forgetting_isForPhonesThatAreNeitherThereNorListed() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "L")])
        lab.attach(.android("A"))
        lab.handle(.deviceForgotten(UDID("A")))
        lab.handle(.deviceForgotten(UDID("L")))
        lab.handle(.deviceForgotten(UDID("ghost")))
        #expect(Set(lab.tracker.devices.keys) == [UDID("A"), UDID("L")])
        lab.detach(.android("A"))
        lab.wait(.seconds(2))
        lab.handle(.deviceForgotten(UDID("A")))
        #expect(Set(lab.tracker.devices.keys) == [UDID("L")])
        #expect(lab.takeActions().last == .forget(UDID("A")))
    }

    /// The same settings again, at any moment, change nothing of what is told, then or later.
    @Test(arguments: 0..<5) func sameSettings_areNoNews_whenever(_ block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            var inputs = RandomInputs(seed: seed)
            var plain = inputs.scenario()
            var reloaded = plain
            for step in 0..<80 {
                let pause = inputs.pause()
                plain.wait(pause)
                reloaded.wait(pause)
                let input = inputs.input(at: plain.now)
                plain.handle(input)
                reloaded.handle(.settingsChanged(reloaded.tracker.settings))
                reloaded.handle(input)
                let told = plain.events()
                #expect(reloaded.events() == told, "seed \(seed), step \(step)")
            }
        }
    }

    /// Whatever the settings become: no event comes of that alone but where the binding of a port came or went, and what
    /// is known stays sound.
    @Test(arguments: 0..<5) func anySettings_leaveWhatIsKnownSound(_ block: UInt64) {
        let listed =
            RandomInputs.listed + [
                ListedDevice(udid: "A", isIgnored: true), ListedDevice(udid: "B", isIgnored: true),
                ListedDevice(udid: "bench-3", port: "pci-0000:00:14.0-usb-0:2"), ListedDevice(udid: "C", name: "See"),
            ]
        for seed in (block * 100)..<(block * 100 + 100) {
            var inputs = RandomInputs(seed: seed)
            var lab = inputs.scenario()
            for _ in 0..<80 {
                lab.wait(inputs.pause())
                guard Int.random(in: 0..<6, using: &inputs.random) == 0 else {
                    lab.handle(inputs.input(at: lab.now))
                    continue
                }
                _ = lab.takeActions()
                let some = listed.filter { _ in Bool.random(using: &inputs.random) }
                var settings = lab.tracker.settings
                settings.listed = ListedDevices(some)
                // A binding also parts two phones of one serial: it is news of the other one, wherever that is.
                let onThePort = lab.tracker.devices.filter { _, device in
                    device.positions.contains { lab.tracker.registry[$0]?.device.port == PortPath("1-2") }
                }
                lab.handle(.settingsChanged(settings))
                let events = lab.events()
                #expect(
                    events.isEmpty
                        || events.contains { $0.port == PortPath("1-2") || onThePort[$0.device] != nil },
                    "seed \(seed)")
                for (udid, device) in lab.tracker.devices {
                    #expect(settings.listed[udid: udid]?.isIgnored != true, "seed \(seed)")
                    #expect(device.isListed == (settings.listed[udid: udid] != nil), "seed \(seed)")
                    for position in device.positions {
                        #expect(lab.tracker.registry[position]?.owner == udid, "seed \(seed)")
                    }
                }
            }
        }
    }
}
