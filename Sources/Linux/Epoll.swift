internal import CLinux
internal import Core
internal import Glibc

/// What is waited for on a descriptor.
package struct Interest: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let readable = Interest(rawValue: EPOLLIN.rawValue)
    package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
    /// Reported whether asked for or not.
    package static let failed = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// An epoll instance: waits for many descriptors at once. Level-triggered.
///
/// It is a descriptor itself, readable while one of its own is ready, so instances nest: each adapter brings one, and the
/// agent's loop waits for those. For one thread.
package struct Epoll: ~Copyable {
    package struct Ready: Hashable, Sendable {
        package let descriptor: Int32
        package let interest: Interest
    }

    private let handle: OwnedDescriptor

    package init() throws(SystemError) {
        handle = try OwnedDescriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "epoll_create1")
    }

    package var descriptor: Int32 { handle.raw }

    /// Starts to wait for `interest` on `descriptor`, or changes what is waited for.
    package func watch(_ descriptor: Int32, for interest: Interest) throws(SystemError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(fd: descriptor))
        if epoll_ctl(handle.raw, EPOLL_CTL_MOD, descriptor, &event) == 0 { return }
        guard errno == ENOENT, epoll_ctl(handle.raw, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Stops waiting; harmless for one that was not watched or is closed already.
    package func forget(_ descriptor: Int32) {
        var event = epoll_event()
        _ = epoll_ctl(handle.raw, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Waits until something is ready or `timeout` has passed (nil: for ever, zero: not at all); up to 64 a call.
    ///
    /// Rounds up to whole milliseconds, so that a deadline has passed when it returns. Returns nothing when a signal came.
    package func wait(timeout: Duration?) throws(SystemError) -> [Ready] {
        let milliseconds: Int32 =
            switch timeout?.wholeMilliseconds {
            case nil: -1
            case let whole?: Int32(clamping: timeout == .milliseconds(whole) ? max(whole, 0) : max(whole + 1, 0))
            }
        var code: Int32 = 0
        let ready = withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            let count = epoll_wait(handle.raw, events.baseAddress, 64, milliseconds)
            if count < 0 { code = errno }
            return events.prefix(max(0, Int(count))).map {
                Ready(descriptor: $0.data.fd, interest: Interest(rawValue: $0.events))
            }
        }
        guard code == 0 || code == EINTR else { throw SystemError("epoll_wait", code: code) }
        return ready
    }
}
