import TestSupport
import Testing

@testable import Sensors

struct FrameTests {
    private let frames = [
        MuxFrame(tag: 1, body: Array("<plist/>".utf8)), MuxFrame(tag: 0xffff_fffe, body: []),
        MuxFrame(tag: 0x0102_0304, body: Array("<plist></plist>".utf8)),
    ]
    private let bodies = [Array("<plist/>".utf8), [7], Array("<plist></plist>".utf8)]

    private func read(_ pieces: [ArraySlice<UInt8>]) throws -> [MuxFrame] {
        var reader = MuxFrameReader()
        var read: [MuxFrame] = []
        for piece in pieces {
            reader.append(piece)
            while let frame = try reader.next() { read.append(frame) }
        }
        return read
    }

    private func readLockdown(_ pieces: [ArraySlice<UInt8>]) throws -> [[UInt8]] {
        var reader = LockdownFrameReader()
        var read: [[UInt8]] = []
        for piece in pieces {
            reader.append(piece)
            while let body = try reader.next() { read.append(body) }
        }
        return read
    }

    @Test func header_isLittleEndian() {
        #expect(
            MuxFrame(tag: 0x0102_0304, body: [42]).bytes
                == [17, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 4, 3, 2, 1, 42])
        #expect(LockdownFrameReader.bytes([UInt8](repeating: 9, count: 258)).prefix(5) == [0, 0, 1, 2, 9])
    }

    @Test func frames_areTheSame_whereverTheStreamIsSplit() throws {
        let stream = frames.flatMap(\.bytes)
        for split in 0...stream.count {
            #expect(try read([stream[..<split], stream[split...]]) == frames)
        }
        #expect(try read(stream.indices.map { stream[$0...$0] }) == frames)
    }

    @Test func lockdownFrames_areTheSame_whereverTheStreamIsSplit() throws {
        let stream = bodies.flatMap(LockdownFrameReader.bytes)
        for split in 0...stream.count {
            #expect(try readLockdown([stream[..<split], stream[split...]]) == bodies)
        }
        #expect(try readLockdown(stream.indices.map { stream[$0...$0] }) == bodies)
    }

    @Test func frame_isRefused_whenItsHeaderCannotBe() throws {
        func fault(_ header: [UInt32]) -> FrameFault? {
            var reader = MuxFrameReader()
            reader.append(header.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } })
            do { _ = try reader.next() } catch { return error }
            return nil
        }
        #expect(fault([15, 1, 8, 0]) == .length(15))
        #expect(fault([0, 1, 8, 0]) == .length(0))
        #expect(fault([0xffff_ffff, 1, 8, 0]) == .length(0xffff_ffff))
        #expect(fault([1 << 20 + 1, 1, 8, 0]) == .length(1 << 20 + 1))
        #expect(fault([1 << 20, 1, 8, 0]) == nil)
        #expect(fault([20, 0, 3, 0]) == .kind(version: 0, type: 3))
        for length in [[0, 0, 0, 0], [0, 0x10, 0, 0], [0xff, 0xff, 0xff, 0xff]] as [[UInt8]] {
            #expect(throws: FrameFault.self) { () throws in _ = try readLockdown([length[...]]) }
        }
    }

    /// Long streams of long frames do not pile up what was read.
    @Test func stream_isReadToItsEnd_whenItIsLongerThanAnyFrame() throws {
        let big = MuxFrame(tag: 3, body: [UInt8](repeating: 65, count: 700_000))
        var reader = MuxFrameReader()
        var count = 0
        for _ in 0..<12 {
            reader.append(big.bytes.prefix(500_000))
            #expect(try reader.next() == nil)
            reader.append(big.bytes.dropFirst(500_000) + [16])
            while let frame = try reader.next() {
                #expect(frame == big)
                count += 1
            }
            reader.append([0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0])
            #expect(try reader.next()?.body == [])
        }
        #expect(count == 12)
    }

    /// Whatever comes, in whatever pieces: a frame, or a fault, or more is waited for; and the pieces change nothing.
    @Test func hostileStream_meansTheSame_inOnePieceOrMany() {
        var random = SeededGenerator(seed: 20_261_125)
        for _ in 0..<5_000 {
            var stream = (0..<Int.random(in: 0...3, using: &random)).flatMap { _ in
                MuxFrame(
                    tag: random.next(), body: (0..<Int.random(in: 0...40, using: &random)).map { _ in random.next() }
                )
                .bytes
            }
            for _ in 0..<Int.random(in: 0...4, using: &random) where !stream.isEmpty {
                stream[Int.random(in: stream.indices, using: &random)] = random.next()
            }
            var mux = MuxFrameReader()
            var split = MuxFrameReader()
            mux.append(stream)
            let whole = Self.outcome { () throws in try mux.next() }
            var pieces: [MuxFrame] = []
            var fault = false
            for byte in stream where !fault {
                split.append([byte])
                let more = Self.outcome { () throws in try split.next() }
                pieces += more.read
                fault = more.isFaulty
            }
            #expect(pieces == whole.read && fault == whole.isFaulty)
            var lockdown = LockdownFrameReader()
            lockdown.append(stream)
            _ = Self.outcome { () throws in try lockdown.next() }
        }
    }

    private static func outcome<Frame>(_ next: () throws -> Frame?) -> (read: [Frame], isFaulty: Bool) {
        var read: [Frame] = []
        do {
            while let frame = try next() { read.append(frame) }
            return (read, false)
        } catch {
            return (read, true)
        }
    }
}
