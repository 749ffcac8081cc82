@testable import Core
import Testing

/// What the configuration's `port`, `ignore` and `include` do, and phones that nothing tells apart.
struct PortBindingTests {
    private let bench = ListedDevice(udid: "bench-7", name: "Bench 7", port: "pci-0000:00:14.0-usb-0:4.2")

    @Test(arguments: [nil, "", "????????????", "??????", "\0\0\0", "  "] as [String?])
    func placeholder_isNoIdentity(_ serial: String?) {
        var lab = Scenario.running()
        lab.attach(.android(serial, port: "1-4.2"))
        #expect(lab.notes() == [.noIdentity(PortPath("1-4.2"))])
        lab.wait(.seconds(60))
        #expect(lab.tracker.devices.isEmpty)
    }

    @Test func phoneWithoutIdentity_isShown_andNeverReported() {
        var lab = Scenario.running()
        lab.attach(.android(nil, port: "1-4.2", product: "Pixel\u{1b} 8"))
        lab.attach(USBDevice.android(nil, port: "1-5", number: 9).inEmergencyDownload(number: 9))
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        let shown = lab.tracker.unidentified
        #expect(shown.map(\.place.port) == [PortPath("1-4.2"), PortPath("1-5")])
        #expect(shown.map(\.reason) == [.noSerial, .emergencyDownload])
        #expect(shown.first?.place.idPath == bench.port)
        #expect(shown.first?.product == "Pixel 8")
        lab.handle(.settingsChanged(TrackerSettings(listed: ListedDevices([bench]))))
        #expect(lab.told() == ["bench-7 online"])
        #expect(lab.tracker.unidentified.map(\.place.port) == [PortPath("1-5")])
        lab.snapshot()
        #expect(lab.tracker.unidentified.isEmpty)
    }

    @Test(arguments: [nil, "????????????"] as [String?])
    func placeholder_goesByItsPort_whenBound(_ serial: String?) throws {
        var lab = Scenario.running(listed: [bench])
        lab.attach(.android(serial, port: "1-4.2"))
        let event = try #require(lab.events().first)
        #expect((event.device, event.name, event.status) == (UDID("bench-7"), "Bench 7", .online))
    }

    @Test func binding_isIgnored_whenThePhoneHasItsOwnSerial() {
        var lab = Scenario.running(listed: [bench])
        lab.attach(.android("A", port: "1-4.2"))
        #expect(lab.told() == ["A online"])
    }

    @Test func binding_isIgnored_whenALaterReadLacksTheSerial() {
        var lab = Scenario.running(listed: [bench])
        lab.attach(.android("A", port: "1-4.2"))
        lab.attach(.android(nil, port: "1-4.2", product: "Pixel 8"))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A online"])
    }

    /// The phone left this port a moment ago; the port's name is for strangers.
    @Test func binding_isIgnored_whenTheModeOfAKnownPhoneHidesItsSerial() {
        var lab = Scenario.running(listed: [bench])
        let phone = USBDevice.android("A", port: "1-4.2")
        lab.attach(phone)
        var emergency = phone.inEmergencyDownload(number: 3)
        lab.attach(emergency)
        emergency.product = "read again"
        lab.attach(emergency)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A online", "A offline (emergencyDownload)"])
    }

    @Test func boundPhone_isUnplugged_whenItsPortIsEmpty() {
        var lab = Scenario.running(listed: [bench])
        lab.attach(.android(nil, port: "1-4.2"))
        lab.detach(.android(nil, port: "1-4.2"))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["bench-7 online", "bench-7 unplugged"])
    }

    @Test func ignored_isNeverShown_whateverHappens() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", isIgnored: true)])
        lab.hear(.ready, of: "A")
        lab.snapshot(.android("A"))
        lab.detach(.android("A"))
        lab.wait(.seconds(60))
        #expect(lab.takeActions().isEmpty && lab.tracker.devices.isEmpty)
        lab.start("s", on: "A")
        #expect(lab.answers() == ["session s refused: unknown device"])
    }

    @Test func ignored_isNotRestored_whenItWasWatchedBefore() {
        let state = TrackerState(devices: [DeviceRecord(udid: UDID("A"), name: "A", reported: .online)])
        var lab = Scenario(listed: [ListedDevice(udid: "A", isIgnored: true)], state: state)
        lab.snapshot()
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func ignored_worksForAppleInEitherSpelling() {
        for udid in ["00008020001a2d3e4f50601e", "00008020-001A2D3E4F50601E"] {
            var lab = Scenario.running(listed: [ListedDevice(udid: udid, isIgnored: true)])
            lab.attach(.iphone("00008020001A2D3E4F50601E"))
            #expect(lab.told() == [])
        }
    }

    @Test func include_makesAPhone_ofWhatNothingElseTells() {
        let include = DetectionRules.Include(vendorID: 0x0781, productID: 0x5583)
        var lab = Scenario.running(rules: .with { $0.include = [include] })
        lab.attach(.stick())
        #expect(lab.told() == ["4C530001 online"])
    }

    @Test func vendorAlone_isNoPhone_untilItsSerialIsKnown() {
        var charging = USBDevice.android("A")
        (charging.productID, charging.interfaces) = (0x4e11, [])
        var lab = Scenario.running()
        lab.attach(charging)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
        var known = Scenario.running(listed: [ListedDevice(udid: "A")])
        known.attach(charging)
        known.wait(.seconds(60))
        #expect(known.told() == ["A offline (noDebugInterface)"])
    }

    /// The interfaces come with the `bind`, after the device.
    @Test func vendorAlone_isAPhone_whenItsInterfacesAppear() {
        var charging = USBDevice.android("A")
        charging.productID = 0x4e11
        charging.interfaces = []
        var lab = Scenario.running()
        lab.attach(charging)
        charging.interfaces = [.adb]
        lab.attach(charging)
        #expect(lab.told() == ["A online"])
    }
}
