internal import CCurl
internal import Core
internal import Linux

/// What libcurl waits for: sockets, in an epoll of its own, and one moment.
///
/// libcurl tells both through callbacks; `MultiHandle` acts on them. Outlives the handle, so that the descriptor which the
/// agent's loop watches stays the same.
final class SocketEvents {
    private let epoll: Epoll
    /// When libcurl wants to be called though no socket is ready.
    private(set) var deadline: MonotonicTime?
    /// The moment of the current turn: libcurl's delays count from it.
    var now = MonotonicTime(nanoseconds: 0)

    init() throws(SystemError) { epoll = try Epoll() }

    var descriptor: Int32 { epoll.descriptor }

    /// Sockets that are ready, each with libcurl's bits for it; does not wait.
    func ready() -> [(socket: curl_socket_t, bits: Int32)] {
        // With a descriptor of our own and no time-out, nothing but a signal can make it fail.
        let events = (try? epoll.wait(timeout: .zero)) ?? []
        return events.map { event in
            // A failed socket is reported as both: libcurl then reads or writes, and meets the true error.
            let isFailed = !event.interest.isDisjoint(with: .failed)
            let readable = event.interest.contains(.readable) || isFailed ? CURL_CSELECT_IN : 0
            let writable = event.interest.contains(.writable) || isFailed ? CURL_CSELECT_OUT : 0
            return (event.descriptor, readable | writable)
        }
    }

    /// Takes the moment, if it has come. libcurl names the next one while it is told so.
    func takeExpiredDeadline() -> Bool {
        guard let deadline, deadline <= now else { return false }
        self.deadline = nil
        return true
    }

    /// Installs the callbacks. The handle holds this object until after `curl_multi_cleanup`: the pointer needs no retain.
    func attach(to multi: UnsafeMutableRawPointer) throws(CurlError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for code in [
            ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context),
            ccurl_multi_set_socket_function(multi, socketChanged),
            ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context),
            ccurl_multi_set_timer_function(multi, timerChanged),
        ] where code != CURLM_OK {
            throw CurlError("curl_multi_setopt", code: code)
        }
    }

    fileprivate func watch(_ socket: curl_socket_t, what: Int32) throws(SystemError) {
        switch what {
        case CURL_POLL_IN: try epoll.watch(socket, for: .readable)
        case CURL_POLL_OUT: try epoll.watch(socket, for: .writable)
        case CURL_POLL_INOUT: try epoll.watch(socket, for: [.readable, .writable])
        default: epoll.forget(socket)
        }
    }

    fileprivate func wake(afterMilliseconds delay: Int) {
        deadline = delay < 0 ? nil : now + .milliseconds(delay)
    }
}

/// Called by libcurl within `curl_multi_*` calls, on the thread that makes them. -1 ends all transfers.
private let socketChanged: curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return -1 }
    do {
        try Unmanaged<SocketEvents>.fromOpaque(context).takeUnretainedValue().watch(socket, what: what)
        return 0
    } catch {
        return -1
    }
}

/// As above. A delay of 0 means at once: the moment is then the present one, and the turn under way acts on it.
private let timerChanged: curl_multi_timer_callback = { _, delay, context in
    guard let context else { return -1 }
    Unmanaged<SocketEvents>.fromOpaque(context).takeUnretainedValue().wake(afterMilliseconds: delay)
    return 0
}
