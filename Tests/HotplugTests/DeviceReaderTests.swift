import Core
import Foundation
import TestSupport
import Testing

@testable import Hotplug

/// Real files in a temporary directory stand for sysfs.
@Suite struct DeviceReaderTests {
    private let temporary: TemporaryDirectory
    private var root: URL { URL(filePath: temporary.path) }
    private let devpath = "/devices/usb1/1-4"
    private let fiveOnBusOne = USBAddress(bus: 1, number: 5)

    init() throws {
        temporary = try TemporaryDirectory()
        try FileManager.default.createDirectory(at: root.appending(path: devpath), withIntermediateDirectories: true)
        try write(["busnum": "1\n", "devnum": "5\n", "idVendor": "18d1\n", "idProduct": "4ee7\n", "speed": "480\n"])
    }

    @Test func device_IsReadWhole() throws {
        try write(["serial": "AB C,1\n", "manufacturer": "Maker\n", "product": "Phone\n", "authorized": "0\n"])
        let device = try #require(try reader.device(at: devpath, expecting: fiveOnBusOne))
        #expect(device.position == USBPosition(devpath: devpath, bus: 1, number: 5))
        #expect(device.port == PortPath("1-4"))
        #expect((device.vendorID, device.productID) == (0x18d1, 0x4ee7))
        #expect((device.serial, device.manufacturer, device.product) == ("AB C,1", "Maker", "Phone"))
        #expect(device.speed == 480)
        #expect(!device.isAuthorized)
    }

    @Test func device_IsNobody_WhenAnotherIsThere() throws {
        #expect(try reader.device(at: devpath, expecting: USBAddress(bus: 1, number: 6)) == nil)
        #expect(try reader.device(at: "/devices/usb1/1-5") == nil)
    }

    /// While the strings were read, the phone was pulled and another was plugged.
    @Test func device_IsNobody_WhenItChangedMeanwhile() throws {
        let device = try reader.device(at: devpath, expecting: fiveOnBusOne) { [self] _, _, _ in
            try? write(["devnum": "6\n"])
            return nil
        }
        #expect(device == nil)
    }

    @Test func device_IsNobody_WhenItsNumbersAreNone() throws {
        try write(["devnum": "five\n"])
        #expect(try reader.device(at: devpath) == nil)
        try write(["devnum": "5\n", "idVendor": "18d1f\n"])
        #expect(try reader.device(at: devpath) == nil)
    }

    @Test func serial_IsTheRawOne_AndUdevsOnlyWhereThereIsNone() throws {
        let hints = DeviceHints(idPath: "pci-0", serial: "AB_C", vendorID: "18d1", productID: "4ee7")
        #expect(try reader.device(at: devpath, hints: hints)?.serial == "AB_C")
        try write(["serial": "AB C\n"])
        #expect(try reader.device(at: devpath, hints: hints)?.serial == "AB C")
        #expect(try reader.device(at: devpath, hints: hints)?.idPath == "pci-0")
    }

    /// udev's database still holds what had this address before.
    @Test func hints_AreIgnored_WhenTheyAreOfAnotherModel() throws {
        let hints = DeviceHints(idPath: "pci-0", serial: "OLD", vendorID: "05ac", productID: "12a8")
        let device = try #require(try reader.device(at: devpath, hints: hints))
        #expect((device.serial, device.idPath) == (nil, nil))
    }

    @Test func interfaces_AreLibusbsFirst_ThenTheDescriptors_ThenUdevs() throws {
        let adb = USBInterface(0xff, 0x42, 1)
        let hints = DeviceHints(interfaces: ":fffe02:")
        #expect(try reader.device(at: devpath, hints: hints)?.interfaces == [USBInterface(0xff, 0xfe, 2)])
        try Data([9, 4, 0, 0, 0, 6, 1, 1, 0]).write(to: file("descriptors"))
        #expect(try reader.device(at: devpath, hints: hints)?.interfaces == [USBInterface(6, 1, 1)])
        #expect(try reader.device(at: devpath, hints: hints) { _, _, _ in [adb] }?.interfaces == [adb])
    }

    @Test(arguments: 0..<200) func anyBytesInAString_AreBoundedText(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...5_000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        try Data(bytes).write(to: file("serial"))
        let serial = try #require(try reader.device(at: devpath)).serial
        #expect((serial ?? "").unicodeScalars.count <= 512)
    }

    private var reader: DeviceReader { DeviceReader(root: root.path) }

    private func file(_ attribute: String) -> URL { root.appending(path: "\(devpath)/\(attribute)") }

    private func write(_ attributes: [String: String]) throws {
        for (attribute, text) in attributes { try Data(text.utf8).write(to: file(attribute)) }
    }
}
