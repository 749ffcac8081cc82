import Core
import Testing

@testable import Hotplug

let port = "/devices/pci0000:00/0000:00:14.0/usb1/1-4"

func place(_ number: Int) -> USBPosition { USBPosition(devpath: port, bus: 1, number: number) }

func phone(_ number: Int) -> USBDevice {
    USBDevice(position: place(number), port: PortPath("1-4"), vendorID: 0x18d1, productID: 0x4ee7, serial: "SERIAL")
}

func theReading(_ effects: [UeventOrder.Effect], _ location: SourceLocation = #_sourceLocation) -> UeventOrder.Reading {
    if case .read(let reading)? = effects.first, effects.count == 1 { return reading }
    Issue.record("not one read: \(effects)", sourceLocation: location)
    return UeventOrder.Reading(id: 0, devpath: "", expected: nil, hints: nil)
}

extension MonotonicTime {
    static let start = MonotonicTime(nanoseconds: 0)
}

extension Uevent {
    static func kernel(_ action: Action, _ sequence: UInt64?, number: Int?, devpath: String = port) -> Uevent {
        Uevent(
            group: .kernel, action: action, sequence: sequence, devpath: devpath,
            address: number.map { USBAddress(bus: 1, number: $0) })
    }

    static func udev(
        _ action: Action, _ sequence: UInt64?, number: Int?, devpath: String = port,
        hints: DeviceHints = DeviceHints(idPath: "pci-0000:00:14.0-usb-0:4")
    ) -> Uevent {
        Uevent(
            group: .udev, action: action, sequence: sequence, devpath: devpath,
            address: number.map { USBAddress(bus: 1, number: $0) }, hints: hints)
    }
}
