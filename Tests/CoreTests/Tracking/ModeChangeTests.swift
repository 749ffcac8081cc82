import Core
import Testing

/// A phone that restarts into another mode enumerates anew, often with another product id and without its serial.
struct ModeChangeTests {
    private let phone = USBDevice.android("A")
    private let iphone = USBDevice.iphone("00008020001A2D3E4F50601E")
    private let udid = "00008020-001A2D3E4F50601E"

    private func online(_ phone: USBDevice) -> Scenario {
        var lab = Scenario.running()
        lab.attach(phone)
        #expect(lab.told().count == 1)
        return lab
    }

    @Test func mode_isNoEvent_whenThePhoneStaysUsable() {
        var lab = online(phone)
        var tethering = phone.again(number: 3)
        tethering.productID = 0x4ee4
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(tethering)
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func fastboot_isOfflineAfterTheHold_andNeverUnplugged() {
        var lab = online(phone)
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(phone.inFastboot(number: 3))
        lab.wait(.milliseconds(4_999))
        #expect(lab.told() == [])
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (bootloader)"])
        lab.attach(phone.again(number: 4))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A online"])
    }

    @Test func charging_isOffline_whenThePhoneIsKnown() {
        var lab = online(phone)
        var charging = phone.again(number: 3)
        (charging.productID, charging.interfaces) = (0x4e11, [])
        lab.attach(charging)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (noDebugInterface)"])
    }

    @Test(arguments: [(UInt16(0x1281), "recovery"), (0x1227, "dfu")])
    func appleMode_isOfflineByItsECID_whenOnAnotherPortAndMuchLater(_ productID: UInt16, _ reason: String) {
        var lab = online(iphone)
        lab.detach(iphone)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["\(udid) unplugged"])
        let mode = iphone.again(port: "1-3", number: 3).inAppleMode(productID, ecid: "001A2D3E4F50601E", number: 4)
        lab.attach(mode)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["\(udid) offline (\(reason))"])
        #expect(lab.record(of: udid)?.name == "iPhone")
    }

    @Test func appleMode_isTiedByPort_whenTheUDIDHasNoECIDInIt() {
        let old = String(repeating: "0a", count: 20)
        var lab = online(.iphone(old))
        lab.attach(USBDevice.iphone(old).inAppleMode(0x1281, ecid: "001A2D3E4F50601E", number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["\(old) offline (recovery)"])
    }

    @Test func appleMode_isNotTiedByPort_whenItsECIDIsAnother() {
        var lab = online(iphone)
        lab.attach(iphone.inAppleMode(0x1281, ecid: "00FFFFFFFFFFFFFF", number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["\(udid) unplugged"])
    }

    @Test func emergencyDownload_isTiedByPort_whenWithinTheSettle() {
        var lab = online(phone)
        lab.detach(phone)
        lab.wait(.seconds(1))
        lab.attach(phone.inEmergencyDownload(number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (emergencyDownload)"])
    }

    @Test func emergencyDownload_isNotReported_whenTheSettleIsOver() {
        var lab = online(phone)
        lab.detach(phone)
        lab.wait(.seconds(2))
        _ = lab.told()
        lab.attach(phone.inEmergencyDownload(number: 3))
        #expect(lab.notes() == [.noIdentity(phone.port)])
        lab.wait(.seconds(60))
        #expect(lab.told() == [])
    }

    @Test func emergencyDownload_isNotTied_whenAPhoneOfAnotherPlatformLeftThePort() {
        var lab = online(iphone)
        lab.attach(iphone.inEmergencyDownload(number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["\(udid) unplugged"])
    }

    @Test func tiedPhone_isOnline_whenItsSerialReturnsOnThePort() {
        var lab = online(phone)
        lab.attach(phone.inEmergencyDownload(number: 3))
        lab.wait(.seconds(60))
        lab.attach(phone.again(number: 4))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (emergencyDownload)", "A online"])
    }

    @Test func tiedPhone_isUnplugged_whenTheDeviceTurnsOutToBeAnother() {
        var lab = online(phone)
        lab.attach(phone.inEmergencyDownload(number: 3))
        lab.wait(.seconds(60))
        lab.attach(.android("B", number: 4))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (emergencyDownload)", "A unplugged", "B online"])
    }

    @Test func serialless_isNobody_whenItIsInNormalUseOnThePortOfOneThatLeft() {
        var lab = online(phone)
        lab.attach(.android(nil, number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func deauthorized_isOffline_whenItShowsNoInterfaces() {
        var lab = online(phone)
        var blocked = phone
        (blocked.isAuthorized, blocked.interfaces, blocked.productID) = (false, [], 0x4e11)
        lab.attach(blocked)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (usbBlocked)"])
    }
}
