internal import CZlib

enum Gzip {
    /// As small as zlib makes it; nil when it has no memory.
    static func compress(_ content: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // 15 bits of window, and 16 more for the form of gzip (zlib.h, deflateInit2).
        let opened = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = content
        return input.withUnsafeMutableBufferPointer { input in
            var isWhole = false
            let room = Int(deflateBound(&stream, uLong(input.count)))
            let compressed = [UInt8](unsafeUninitializedCapacity: room) { output, count in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(room)
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = room - Int(stream.avail_out)
            }
            return isWhole ? compressed : nil
        }
    }
}
