import Core
import Testing

@testable import Hotplug

/// Messages in the form of `lib/kobject_uevent.c`.
@Suite struct KernelMessageTests {
    private let removal = [
        "remove@\(port)", "ACTION=remove", "DEVPATH=\(port)", "SUBSYSTEM=usb", "MAJOR=189", "MINOR=4",
        "DEVNAME=bus/usb/001/005", "DEVTYPE=usb_device", "PRODUCT=18d1/4ee7/440", "TYPE=0/0/0", "BUSNUM=001",
        "DEVNUM=005",
        "SEQNUM=4711",
    ]

    private func bytes(_ parts: [String]) -> [UInt8] { parts.flatMap { Array($0.utf8) + [0] } }

    private func with(_ part: String, insteadOf key: String) -> [UInt8] {
        bytes(removal.map { $0.hasPrefix(key + "=") ? part : $0 })
    }

    private func without(_ key: String) -> [UInt8] { bytes(removal.filter { !$0.hasPrefix(key + "=") }) }

    @Test func removalOfAPhone_IsReadWhole() {
        #expect(Uevent(kernelMessage: bytes(removal)) == .kernel(.removed, 4711, number: 5))
    }

    @Test(arguments: [("add", Uevent.Action.added), ("bind", .changed), ("move", .moved), ("remove", .removed)])
    func whatSaysThatItIsThereOrGone_IsTold(_ word: String, _ action: Uevent.Action) {
        #expect(Uevent(kernelMessage: with("ACTION=\(word)", insteadOf: "ACTION"))?.action == action)
    }

    @Test func interfaceAndOtherSubsystem_AreOfNoInterest() {
        #expect(Uevent(kernelMessage: with("DEVTYPE=usb_interface", insteadOf: "DEVTYPE")) == nil)
        #expect(Uevent(kernelMessage: with("SUBSYSTEM=block", insteadOf: "SUBSYSTEM")) == nil)
        #expect(Uevent(kernelMessage: without("DEVTYPE")) == nil)
    }

    @Test(arguments: ["unbind", "offline", "explode", ""])
    func whatSaysNothingOfPresence_IsOfNoInterest(_ word: String) {
        #expect(Uevent(kernelMessage: with("ACTION=\(word)", insteadOf: "ACTION")) == nil)
    }

    @Test func messageWithoutActionOrPlace_IsNone() {
        for key in ["ACTION", "DEVPATH", "SUBSYSTEM"] { #expect(Uevent(kernelMessage: without(key)) == nil, "\(key)") }
        #expect(Uevent(kernelMessage: with("DEVPATH=", insteadOf: "DEVPATH")) == nil)
        #expect(Uevent(kernelMessage: []) == nil)
        #expect(Uevent(kernelMessage: [0, 0, 0]) == nil)
        #expect(Uevent(kernelMessage: Array("DEVTYPE=usb_device".utf8)) == nil)
    }

    @Test func numbersThatAreNone_AreLeftOut() {
        #expect(Uevent(kernelMessage: with("SEQNUM=-1", insteadOf: "SEQNUM")) == .kernel(.removed, nil, number: 5))
        #expect(Uevent(kernelMessage: with("SEQNUM=99999999999999999999", insteadOf: "SEQNUM"))?.sequence == nil)
        #expect(
            Uevent(kernelMessage: with("DEVNUM=\u{fffd}", insteadOf: "DEVNUM")) == .kernel(.removed, 4711, number: nil))
    }

    /// The path of a device is what drivers make of it.
    @Test func equalsSignInAPath_IsPartOfIt() {
        let odd = "/devices/platform/a=b/usb1/1-4"
        let message = bytes(["remove@\(odd)"] + removal.dropFirst()).split(separator: 0)
            .map { $0.starts(with: "DEVPATH=".utf8) ? Array("DEVPATH=\(odd)".utf8) : Array($0) }
        #expect(Uevent(kernelMessage: Array(message.joined(separator: [0])))?.devpath == odd)
    }

    /// udev's rules have not run yet: words that look like theirs are of no worth here.
    @Test func hints_AreNeverTakenFromTheKernel() {
        let message = bytes(removal + ["ID_PATH=forged", "ID_SERIAL_SHORT=forged"])
        #expect(Uevent(kernelMessage: message)?.hints == DeviceHints())
    }
}
