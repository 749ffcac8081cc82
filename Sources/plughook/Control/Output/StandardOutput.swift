internal import Glibc

/// Standard output, written at once: who follows live has each line when it happens.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes the text, and ends its last line.
    static func write(_ text: String) throws(OutputFailure) {
        var rest = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFailure(errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}

struct OutputFailure: Error {
    let errno: CInt
}
