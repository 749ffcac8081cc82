import Core
import Testing

/// What a serial tells: Android's as it is, Apple's in one canonical spelling, the modes' ECID, or nothing.
struct IdentityTests {
    private func identity(_ serial: String?, _ platform: Platform) -> Identity {
        Identity(.android(serial), platform: platform)
    }

    @Test(arguments: [nil, "", "?", "??????", "????????????", "\0\0", " \n"] as [String?], Platform.allCases)
    func placeholder_isNone(_ serial: String?, _ platform: Platform) { #expect(identity(serial, platform) == .none) }

    @Test func serial_isNone_whenLongerThanUSBAllows() {
        #expect(identity(String(repeating: "x", count: 378), .android) != .none)
        #expect(identity(String(repeating: "x", count: 379), .android) == .none)
    }

    @Test func android_isComparedByteForByte() {
        #expect(identity("ce0917198075440c057e", .android) == .serial(UDID("ce0917198075440c057e")))
        #expect(identity("abc", .android) != identity("ABC", .android))
        #expect(identity("00008020001A2D3E4F50601E", .android) == .serial(UDID("00008020001A2D3E4F50601E")))
    }

    @Test(arguments: [
        "00008020001A2D3E4F50601E", "00008020001a2d3e4f50601e", "00008020-001A2D3E4F50601E",
        "00008020-001a2d3e4f50601e", "00008020001A2D3E4F50601E\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        " 00008020001A2D3E4F50601E ",
    ])
    func apple_hasOneSpelling(_ serial: String) {
        let udid = UDID("00008020-001A2D3E4F50601E")
        #expect(identity(serial, .ios) == .serial(udid))
        #expect(UDID(apple: serial) == udid)
    }

    @Test func olderApple_isLowerCase() {
        let digits = String(repeating: "0A", count: 20)
        #expect(identity(digits, .ios) == .serial(UDID(digits.lowercased())))
    }

    @Test(arguments: [
        "", "0000802-0001A2D3E4F50601E", "00008020-001A2D3E4F50601", "00008020-001A2D3E4F50601G",
        "00008020001A2D3E4F50601E0", "0000802００01A2D3E4F5060", "Ａ0008020001A2D3E4F5060",
    ])
    func apple_isNotMade_ofOtherForms(_ text: String) { #expect(UDID(apple: text) == nil) }

    @Test func apple_keepsASerialOfAnotherForm() { #expect(identity("C39XYZ", .ios) == .serial(UDID("C39XYZ"))) }

    @Test func ecid_isFound_inTheModeSerial() {
        let serial = "CPID:8020 CPRV:11 CPFM:03 SCEP:01 BDID:0C ECID:001a2d3e4f50601e IBFL:3C SRTG:[iBoot-3865.0.0.4.7]"
        #expect(identity(serial, .ios) == .ecid("001A2D3E4F50601E"))
    }

    @Test(arguments: ["CPID:8020", "CPID:8020 ECID:", "CPID:8020 ECID:1A2D", "CPID:8020 ECID:001A2D3E4F50601Z"])
    func modeSerial_isNone_whenItsECIDIsNone(_ serial: String) { #expect(identity(serial, .ios) == .none) }

    @Test func ecid_isTheSecondHalf_ofTheNewFormOnly() {
        #expect(UDID("00008020-001A2D3E4F50601E").ecid == "001A2D3E4F50601E")
        #expect(UDID(String(repeating: "0a", count: 20)).ecid == nil)
        #expect(UDID("ce0917198075440c057e").ecid == nil)
    }

    @Test func listed_isFound_inBothSpellings() {
        let listed = ListedDevices([ListedDevice(udid: "00008020001a2d3e4f50601e", name: "Bench")])
        #expect(listed[udid: UDID("00008020-001A2D3E4F50601E")]?.name == "Bench")
        #expect(listed[udid: UDID("00008020001a2d3e4f50601e")]?.name == "Bench")
        #expect(listed.identities == [UDID("00008020-001A2D3E4F50601E")])
    }

    @Test(arguments: ["ff4201", "FF4201"]) func interface_isReadFromHex(_ hex: String) {
        #expect(USBInterface(hex: hex) == .adb)
        #expect(USBInterface(hex: hex)?.description == "ff4201")
    }

    @Test(arguments: ["", "ff42", "ff42010", "ff42xx", "-f4201", "+f4201"]) func interface_isNil_whenItIsNoHex(
        _ hex: String
    ) {
        #expect(USBInterface(hex: hex) == nil)
    }

    @Test(
        arguments: [("1-4.2.3", "1-4.2"), ("1-4.2", "1-4"), ("1-4", nil), ("usb1", nil), ("", nil)]
            as [(String, String?)])
    func hub_isOnePortShorter(_ port: String, _ hub: String?) { #expect(PortPath(port).hub?.description == hub) }
}
