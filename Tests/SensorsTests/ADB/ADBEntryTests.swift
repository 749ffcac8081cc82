import Core
import Testing

@testable import Sensors

@Suite struct ADBEntryTests {
    static let permissions =
        "no permissions (user in plugdev group; are your udev rules wrong?); "
        + "see [http://developer.android.com/tools/device.html]"

    static let states: [(String, Verdict)] = [
        ("device", .ready), ("unauthorized", .notReady(.unauthorized)), ("offline", .notReady(.adbOffline)),
        (permissions, .notReady(.noPermissions)), ("no permissions", .notReady(.noPermissions)),
        ("no permissions (missing udev rules? user is in the plugdev group); see [x]", .notReady(.noPermissions)),
        ("bootloader", .notReady(.bootloader)), ("recovery", .notReady(.recovery)),
        ("sideload", .notReady(.sideload)), ("rescue", .notReady(.rescue)),
        ("authorizing", .unknown), ("connecting", .unknown), ("detached", .unknown), ("host", .unknown),
        ("unknown", .unknown), ("jumping", .unknown),
    ]

    @Test(arguments: states) func everyState_isTold_inALongList(_ state: String, _ verdict: Verdict) {
        let found = entries(line("ce0917198075440c057e", state))
        #expect(found.map(\.state.verdict) == [verdict])
        #expect(found.map(\.serial) == [Array("ce0917198075440c057e".utf8)])
        #expect(found.map(\.port) == [PortPath("1-4.2")])
        #expect(found.map(\.transport) == [7])
    }

    @Test(arguments: states) func everyState_isTold_inAShortList(_ state: String, _ verdict: Verdict) {
        let found = entries("ce0917198075440c057e\t\(state)\n", isLong: false)
        #expect(found.map(\.state.verdict) == [verdict])
        #expect(found.map(\.serial) == [Array("ce0917198075440c057e".utf8)])
        #expect(found.map(\.port) == [nil])
    }

    /// adb pads a serial to 22 characters; a longer one, or one with spaces, pushes the state away.
    @Test(arguments: [
        "A", "with space in it", "A device", "exactly-22-characters-", "much-longer-than-22-characters-0123",
    ])
    func serial_isToldFromState_byWhatAStateCanBe(_ serial: String) {
        for (state, verdict) in Self.states where state != "jumping" || !serial.contains(" ") || serial.utf8.count < 22
        {
            let found = entries(line(serial, state))
            #expect(found.map(\.serial) == [Array(serial.utf8)], "\(state)")
            #expect(found.map(\.state.verdict) == [verdict], "\(state)")
        }
    }

    @Test func aLineAsARealServerWritesIt() {
        // adb 29.0.6 of Debian 12, with virtual phones.
        let list = """
            ADBOK                  device usb:1-1 product:pixel_7 model:Pixel_7 device:pixel_7 transport_id:1
            ADBNO                  unauthorized usb:1-3 transport_id:3
            (no serial number)     no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:2

            """
        let found = entries(list)
        #expect(found.map(\.port) == [PortPath("1-1"), PortPath("1-3"), PortPath("1-2")])
        #expect(found.map(\.transport) == [1, 3, 2])
        #expect(found.map(\.state.verdict) == [.ready, .notReady(.unauthorized), .notReady(.noPermissions)])
        #expect(found.map { String(decoding: $0.serial, as: UTF8.self) } == ["ADBOK", "ADBNO", ""])
    }

    @Test func placeholders_areNoSerial() {
        #expect(
            entries("????????????\tno permissions\n(no serial number)\tdevice\n", isLong: false).map(\.serial) == [
                [], [],
            ])
    }

    @Test(arguments: [
        "192.168.1.20:5555", "[fe80::1%wlan0]:5555", "adb-R3CN30ABCDE-x1Y2z3._adb-tls-connect._tcp",
        "adb-R3CN30ABCDE-x1Y2z3 (2)._adb-tls-connect._tcp.", "emulator-5554", "vsock:3:5555",
    ]) func whatIsOnNoCable_isLeftOut(_ serial: String) {
        #expect(entries(line(serial, "device", port: nil)).isEmpty)
        #expect(entries("\(serial)\tdevice\n", isLong: false).isEmpty)
        // A phone may call itself what it likes: what is on a cable stays.
        #expect(entries(line(serial, "device")).count == 1)
    }

    @Test(arguments: ["1-4.2", "12-1", "2-1.4.1.3"]) func port_isTaken_asTheKernelWritesIt(_ port: String) {
        #expect(entries(line("A", "device", port: port)).map(\.port) == [PortPath(port)])
    }

    @Test(arguments: [
        "336592896X", "1-", "-1", "1-4.", "1-4..2", "1-4.x", "1-2-3", "../../etc",
        "1-" + String(repeating: "4.", count: 40),
    ])
    func portThatIsNone_isNone(_ port: String) {
        #expect(entries(line("A", "device", port: port)).map(\.port) == [nil])
    }

    @Test func aSerialThatLooksLikeFields_namesNoPort() {
        #expect(entries(line("usb:9-9 device", "offline", port: nil)).map(\.port) == [nil])
        #expect(entries(line("usb:9-9", "offline")).map(\.port) == [PortPath("1-4.2")])
    }

    @Test(arguments: ["", "\n\n", "A", "A\t", "\t", "   ", "usb:1-1 transport_id:4"])
    func lineWithoutAState_isLeftOut(_ list: String) {
        #expect(entries(list).isEmpty)
        #expect(entries(list, isLong: false).isEmpty)
    }

    @Test func aListBeyondReason_isCut() {
        #expect(entries(String(repeating: "A\tdevice\n", count: 5000), isLong: false).count == 1024)
    }
}
