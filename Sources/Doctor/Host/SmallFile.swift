internal import Glibc
internal import Linux

/// A file of the kernel's, or as small as those.
enum SmallFile {
    /// `/proc/locks` and `mountinfo` of a large host; what is longer is cut.
    private static let longest = 4 << 20

    /// Invalid UTF-8 is repaired; nil when the file cannot be read.
    static func text(_ path: String) -> String? {
        guard let file = try? OwnedDescriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), from: "open") else {
            return nil
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < longest {
            let count = read(file.raw, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
