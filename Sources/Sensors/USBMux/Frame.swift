/// Why a stream cannot be read any further; the connection is of no more use.
enum FrameFault: Error, Hashable, CustomStringConvertible {
    /// Shorter than a frame can be, or longer than any that is waited for.
    case length(Int)
    /// Not of version 1 (property lists), or not a message.
    case kind(version: Int, type: Int)

    var description: String {
        switch self {
        case .length(let bytes): "a message of \(bytes) bytes"
        case .kind(let version, let type): "a message of version \(version), type \(type)"
        }
    }

    /// Of a frame, header included: a pair record has 10 KiB, an answer less.
    static let longest = 1 << 20
}

/// Bytes that have come and are not used yet.
private struct Backlog {
    private var bytes: [UInt8] = []
    private var used = 0

    var count: Int { bytes.count - used }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    func littleEndian(at offset: Int) -> UInt32 { bigEndian(at: offset).byteSwapped }

    func bigEndian(at offset: Int) -> UInt32 {
        bytes[(used + offset)..<(used + offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The first `length` bytes, without those before `start`, and drops them all.
    mutating func take(_ length: Int, from start: Int) -> [UInt8] {
        let taken = Array(bytes[(used + start)..<(used + length)])
        used += length
        if used == bytes.count {
            bytes = []
            used = 0
        } else if used > FrameFault.longest {
            bytes.removeFirst(used)
            used = 0
        }
        return taken
    }
}

/// A message on usbmuxd's socket: 16 bytes, little-endian (length, version 1, type 8, tag), and an XML property list.
///
/// From usbmuxd's `usbmuxd-proto.h`; version 1 is the one with property lists.
struct MuxFrame: Hashable {
    var tag: UInt32
    var body: [UInt8]

    var bytes: [UInt8] {
        let header = [UInt32(Self.header + body.count), Self.version, Self.plist, tag]
        return header.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } } + body
    }

    static let header = 16
    static let version: UInt32 = 1
    static let plist: UInt32 = 8
}

/// Takes usbmuxd's messages from a stream that may be split anywhere.
struct MuxFrameReader {
    private var backlog = Backlog()

    mutating func append(_ bytes: some Sequence<UInt8>) { backlog.append(bytes) }

    /// The next whole message, or nil while it is incomplete. After a throw it throws for ever.
    mutating func next() throws(FrameFault) -> MuxFrame? {
        guard backlog.count >= MuxFrame.header else { return nil }
        let length = Int(backlog.littleEndian(at: 0))
        guard (MuxFrame.header...FrameFault.longest).contains(length) else { throw .length(length) }
        let version = backlog.littleEndian(at: 4)
        let type = backlog.littleEndian(at: 8)
        guard version == MuxFrame.version, type == MuxFrame.plist else {
            throw .kind(version: Int(version), type: Int(type))
        }
        let tag = backlog.littleEndian(at: 12)
        guard backlog.count >= length else { return nil }
        return MuxFrame(tag: tag, body: backlog.take(length, from: MuxFrame.header))
    }

    /// What has come beyond the last message, for when the stream speaks another language from here on.
    mutating func takeRest() -> [UInt8] { backlog.take(backlog.count, from: 0) }
}

/// Takes lockdownd's messages from a stream: a length of 4 bytes, big-endian, and an XML property list.
struct LockdownFrameReader {
    private var backlog = Backlog()

    mutating func append(_ bytes: some Sequence<UInt8>) { backlog.append(bytes) }

    /// The body of the next whole message, or nil while it is incomplete. After a throw it throws for ever.
    mutating func next() throws(FrameFault) -> [UInt8]? {
        guard backlog.count >= Self.header else { return nil }
        let length = Int(backlog.bigEndian(at: 0))
        guard (1...FrameFault.longest - Self.header).contains(length) else { throw .length(length) }
        guard backlog.count >= Self.header + length else { return nil }
        return backlog.take(Self.header + length, from: Self.header)
    }

    /// A message as it is sent.
    static func bytes(_ body: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: UInt32(body.count) >> (24 - $0 * 8)) } + body
    }

    private static let header = 4
}
