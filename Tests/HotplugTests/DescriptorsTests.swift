import Core
import TestSupport
import Testing

@testable import Hotplug

@Suite struct DescriptorsTests {
    private let adb = USBInterface(0xff, 0x42, 1)
    private let ptp = USBInterface(6, 1, 1)
    private let usbmux = USBInterface(0xff, 0xfe, 2)

    @Test func interfaces_AreThoseOfAllConfigurations() {
        let bytes = deviceDescriptor + configuration([ptp]) + configuration([ptp, usbmux])
        #expect(interfaces(inDescriptors: bytes) == [ptp, usbmux])
    }

    @Test func interfaces_AreThoseBeforeTheCut() {
        let bytes = deviceDescriptor + configuration([ptp, adb])
        #expect(interfaces(inDescriptors: bytes.dropLast(1)) == [ptp])
        #expect(interfaces(inDescriptors: []).isEmpty)
    }

    /// A length of zero would never end; the configuration's total length leads to the next one.
    @Test func malformedConfiguration_DoesNotHideTheNext() {
        var broken = configuration([ptp, adb])
        broken[9] = 0
        #expect(interfaces(inDescriptors: deviceDescriptor + broken + configuration([usbmux])) == [usbmux])
    }

    @Test func totalLengthThatPointsBack_EndsTheParse() {
        var broken = configuration([ptp])
        (broken[2], broken[3], broken[9]) = (0, 0, 0)
        #expect(interfaces(inDescriptors: deviceDescriptor + broken).isEmpty)
    }

    @Test func property_IsReadLeniently() {
        #expect(interfaces(inProperty: ":ff4201:060101:") == [adb, ptp])
        #expect(interfaces(inProperty: "::zz4201:ff42:fffe02").count == 1)
    }

    /// Whatever a device sends: an answer, and no more interfaces than its bytes can hold.
    @Test(arguments: 0..<2_000) func anyBytes_AreAnswered(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = deviceDescriptor + configuration([ptp, adb]) + configuration([usbmux])
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: .min ... .max, using: &random)
        }
        bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        if seed % 4 == 0 { bytes = (0..<300).map { _ in .random(in: .min ... .max, using: &random) } }
        #expect(interfaces(inDescriptors: bytes).count <= bytes.count / 9)
    }

    private let deviceDescriptor: [UInt8] = [18, 1, 0, 2, 0, 0, 0, 64, 0xd1, 0x18, 0xe7, 0x4e, 0, 4, 1, 2, 3, 2]

    private func configuration(_ interfaces: [USBInterface]) -> [UInt8] {
        let body = interfaces.flatMap { [9, 4, 0, 0, 0, $0.classCode, $0.subclass, $0.protocol, 0] as [UInt8] }
        return [9, 2, UInt8(9 + body.count), 0, UInt8(interfaces.count), 1, 0, 0x80, 250] + body
    }
}
