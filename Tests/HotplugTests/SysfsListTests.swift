import Core
import Foundation
import Linux
import TestSupport
import Testing

@testable import Hotplug

/// Real files in a temporary directory stand for sysfs.
@Suite struct SysfsListTests {
    private let temporary: TemporaryDirectory
    private var root: URL { URL(filePath: temporary.path) }
    private var list = SysfsList()

    init() throws {
        temporary = try TemporaryDirectory()
        for folder in ["bus/usb/devices", "kernel"] {
            try FileManager.default.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
        }
    }

    /// The names and addresses of what is listed, such as `1-4 at 5`, and who was read whole for it.
    private mutating func listed(hints: DeviceHints = DeviceHints()) throws -> (shown: [String], read: [String]) {
        let reader = DeviceReader(root: temporary.path)
        var read: [String] = []
        let devices = try list.devices(by: reader, hints: { _ in hints }) { devpath throws(SystemError) in
            read.append(String(devpath.suffix(3)))
            return try reader.device(at: devpath, hints: hints)
        }
        let shown = devices.map { "\($0.port) at \($0.position.number)\($0.isAuthorized ? "" : ", blocked")" }
        return (shown.sorted(), read.sorted())
    }

    private func write(_ text: String, to path: String) throws {
        try Data("\(text)\n".utf8).write(to: root.appending(path: path))
    }

    private func event(_ number: Int?) throws {
        if let number {
            try write("\(number)", to: "kernel/uevent_seqnum")
        } else {
            try FileManager.default.removeItem(at: root.appending(path: "kernel/uevent_seqnum"))
        }
    }

    private func plug(_ name: String, number: Int, serial: String? = "S") throws {
        let folder = root.appending(path: "devices/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var attributes = ["busnum": "1", "devnum": "\(number)", "idVendor": "18d1", "idProduct": "4ee7"]
        attributes["serial"] = serial
        for (attribute, text) in attributes { try write(text, to: "devices/\(name)/\(attribute)") }
        let link = root.appending(path: "bus/usb/devices/\(name)").path
        try? FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "../../../devices/\(name)")
    }

    private func pull(_ name: String) throws {
        try FileManager.default.removeItem(at: root.appending(path: "bus/usb/devices/\(name)"))
        try FileManager.default.removeItem(at: root.appending(path: "devices/\(name)"))
    }

    @Test mutating func nothing_IsRead_WhileTheKernelHasHadNoEvent() throws {
        try event(7)
        try plug("1-4", number: 5)
        try plug("1-5", number: 6)
        #expect(try listed() == (["1-4 at 5", "1-5 at 6"], ["1-4", "1-5"]))
        // As no kernel does it: what is not looked at is not seen.
        try pull("1-5")
        try write("9", to: "devices/1-4/devnum")
        #expect(try listed() == (["1-4 at 5", "1-5 at 6"], []))
        try event(8)
        #expect(try listed() == (["1-4 at 9"], ["1-4"]))
    }

    @Test(arguments: [nil, 7] as [Int?])
    mutating func others_AreLookedAt_WhenThereWasAnEvent_OrNobodySays(_ first: Int?) throws {
        if let first { try event(first) }
        try plug("1-4", number: 5)
        #expect(try listed() == (["1-4 at 5"], ["1-4"]))
        if let first { try event(first + 1) }
        try plug("1-5", number: 6)
        try write("0", to: "devices/1-4/authorized")
        #expect(try listed() == (["1-4 at 5, blocked", "1-5 at 6"], ["1-5"]))
        if let first { try event(first + 2) }
        try pull("1-4")
        #expect(try listed() == (["1-5 at 6"], []))
    }

    @Test mutating func kernelThatSaysNoMore_IsLookedAt() throws {
        try event(7)
        try plug("1-4", number: 5)
        _ = try listed()
        try event(nil)
        try pull("1-4")
        #expect(try listed().shown == [])
    }

    @Test mutating func deviceWithoutASerial_IsReadAgain() throws {
        try event(7)
        try plug("1-4", number: 5, serial: nil)
        try plug("1-5", number: 6)
        _ = try listed()
        try write("LATE", to: "devices/1-4/serial")
        #expect(try listed().read == ["1-4"])
        #expect(try listed().read == [])
    }

    @Test mutating func hubWithoutASerial_IsNot() throws {
        try event(7)
        try plug("1-4", number: 5, serial: nil)
        let hub = DeviceHints(interfaces: ":090000:")
        #expect(try listed(hints: hub) == (["1-4 at 5"], ["1-4"]))
        #expect(try listed(hints: hub) == (["1-4 at 5"], []))
    }

    @Test mutating func udevsWord_IsTaken_WhenItComesLater() throws {
        try event(7)
        try plug("1-4", number: 5)
        _ = try listed()
        let reader = DeviceReader(root: temporary.path)
        let later = try list.devices(by: reader, hints: { _ in DeviceHints(idPath: "pci-0") }) { _ in nil }
        #expect(later.map(\.idPath) == ["pci-0"])
    }
}
