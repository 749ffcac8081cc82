internal import Glibc
internal import Linux

/// Writes log lines to standard error from a thread of its own, so that a reader that stalls (a full pipe, a busy
/// journal) never holds up the loop.
///
/// Up to `mostQueued` lines wait; more are dropped, counted, and the count is told as soon as there is room.
final class LogWriter: Sendable {
    private enum Message: Sendable {
        case line(String)
        case end
    }

    private static let mostQueued = 10_000

    private let mailbox: Mailbox<Message>
    private let queue = Locked((waiting: 0, dropped: 0))

    /// Lines are written once `run()` has a thread.
    init() throws(SystemError) { mailbox = try Mailbox() }

    /// From any thread; never waits.
    func write(_ line: String) {
        let hasRoom = queue.withLock { queue in
            guard queue.waiting < Self.mostQueued else {
                queue.dropped += 1
                return false
            }
            queue.waiting += 1
            return true
        }
        if hasRoom { mailbox.send(.line(line)) }
    }

    /// Lets `run()` return once all that waits is written.
    func end() { mailbox.send(.end) }

    /// Blocks; for a thread of its own.
    func run() {
        while true {
            var text = ""
            var lines = 0
            var isOver = false
            for message in mailbox.waitAndReceive() {
                switch message {
                case .line(let line):
                    text += line
                    lines += 1
                case .end: isOver = true
                }
            }
            let dropped = queue.withLock { queue in
                queue.waiting -= lines
                defer { queue.dropped = 0 }
                return queue.dropped
            }
            if dropped > 0 { text += "event=log.dropped lines=\(dropped)\n" }
            writeAll(Array(text.utf8))
            if isOver { return }
        }
    }

    /// Nothing can be said of a standard error that fails, and to whom.
    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
