internal import CLinux
internal import Glibc

/// Values handed from any thread to one that waits in `epoll` or `poll`.
///
/// Unbounded by itself: whoever sends bounds what is under way (one request, one answer).
package final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Locked<[Message]>([])
    private let counter: Int32

    package init() throws(SystemError) {
        counter = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard counter >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(counter) }

    /// Readable while there is a message; valid as long as the mailbox lives.
    package var descriptor: Int32 { counter }

    /// Appends a message and wakes the receiver. From any thread.
    package func send(_ message: Message) {
        let wasEmpty = messages.withLock { queue in
            queue.append(message)
            return queue.count == 1
        }
        if wasEmpty { eventfd_write(counter, 1) }
    }

    /// Takes all messages, in the order in which they were sent. From the receiving thread; does not wait.
    package func receive() -> [Message] {
        var count: UInt64 = 0
        eventfd_read(counter, &count)
        return messages.withLock { queue in
            defer { queue = [] }
            return queue
        }
    }

    /// Waits on this one descriptor, for a thread that has nothing else to wait for, then takes all messages.
    package func waitAndReceive() -> [Message] {
        var descriptor = pollfd(fd: counter, events: Int16(POLLIN), revents: 0)
        while true {
            let taken = receive()
            if !taken.isEmpty { return taken }
            _ = poll(&descriptor, 1, -1)
        }
    }
}
