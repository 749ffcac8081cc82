// Built with: Sources/Hotplug/Descriptors.swift
internal import Core

/// What a device could send as its descriptors, to what finds its interfaces and says what kind of phone it is.
///
/// The first four bytes are its vendor and product id, the rest stands for sysfs' `descriptors`, for the text of udev's
/// property and for every string of the device. There cannot be more interfaces than fit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDeviceDescriptors(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard input.count >= 4 else { return 0 }
    let bytes = Array(input.dropFirst(4))
    let found = interfaces(inDescriptors: bytes)
    require(found.count * 9 <= bytes.count, "more interfaces than bytes")
    let text = String(decoding: bytes, as: UTF8.self)
    require(interfaces(inProperty: text).count * 6 <= text.utf8.count, "more interfaces than text")

    let device = USBDevice(
        position: USBPosition(devpath: "/devices/1-1", bus: 1, number: 2), port: PortPath("1-1"), idPath: nil,
        vendorID: UInt16(input[0]) << 8 | UInt16(input[1]), productID: UInt16(input[2]) << 8 | UInt16(input[3]),
        serial: text, manufacturer: text, product: text, interfaces: found, speed: nil, isAuthorized: count % 2 == 0)
    if let phone = Recognition(device, rules: DetectionRules()), !device.isAuthorized {
        require(phone.mode.reason != nil, "a blocked phone is usable")
    }
    if let udid = UDID(apple: text) { require(UDID(apple: udid.description) == udid, "a UDID is not itself again") }
    return 0
}

private func require(_ holds: Bool, _ problem: String) {
    if !holds { fatalError(problem) }
}
