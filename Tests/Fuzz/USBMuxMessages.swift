// Built with: Sources/Sensors/USBMux/Frame.swift Sources/Sensors/USBMux/PropertyList.swift Sources/Sensors/USBMux/MuxMessage.swift Sources/Sensors/USBMux/LockdownMessage.swift
//
// What usbmuxd, a phone or a pair record may hold: it is decoded, or not, and nothing else happens.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if case .pairRecord(let record) = MuxMessage(bytes) { _ = PairRecord(record) }
    _ = PairRecord(bytes)
    _ = LockdownAnswer(bytes)
    return 0
}
