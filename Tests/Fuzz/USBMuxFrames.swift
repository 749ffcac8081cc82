// Built with: Sources/Sensors/USBMux/Frame.swift
//
// usbmuxd's frames, once in one piece and once cut where the first bytes say: both must come to the same.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let step = bytes.first.map({ Int($0 % 32) + 1 }) else { return 0 }
    let stream = bytes.dropFirst()
    var whole = MuxFrameReader()
    whole.append(stream)
    var pieces = MuxFrameReader()
    var cut: [MuxFrame] = []
    var isFaulty = false
    var rest = stream
    while !rest.isEmpty, !isFaulty {
        pieces.append(rest.prefix(step))
        rest = rest.dropFirst(step)
        isFaulty = !read(&pieces, into: &cut)
    }
    var uncut: [MuxFrame] = []
    precondition(read(&whole, into: &uncut) == !isFaulty && uncut == cut)
    return 0
}

/// False when the stream is faulty.
private func read(_ reader: inout MuxFrameReader, into frames: inout [MuxFrame]) -> Bool {
    do {
        while let frame = try reader.next() { frames.append(frame) }
        return true
    } catch {
        return false
    }
}
