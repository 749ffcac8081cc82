// Built with: Sources/Sensors/USBMux/Frame.swift
//
// lockdownd's frames, once in one piece and once cut where the first bytes say: both must come to the same.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let step = bytes.first.map({ Int($0 % 32) + 1 }) else { return 0 }
    let stream = bytes.dropFirst()
    var whole = LockdownFrameReader()
    whole.append(stream)
    var pieces = LockdownFrameReader()
    var cut: [[UInt8]] = []
    var isFaulty = false
    var rest = stream
    while !rest.isEmpty, !isFaulty {
        pieces.append(rest.prefix(step))
        rest = rest.dropFirst(step)
        isFaulty = !read(&pieces, into: &cut)
    }
    var uncut: [[UInt8]] = []
    precondition(read(&whole, into: &uncut) == !isFaulty && uncut == cut)
    return 0
}

/// False when the stream is faulty.
private func read(_ reader: inout LockdownFrameReader, into frames: inout [[UInt8]]) -> Bool {
    do {
        while let frame = try reader.next() { frames.append(frame) }
        return true
    } catch {
        return false
    }
}
