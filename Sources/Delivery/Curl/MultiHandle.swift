internal import CCurl
internal import Core

/// The owner of libcurl's set of transfers under way, their connections and caches.
///
/// For one thread. Transfers must be removed before it goes.
struct MultiHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer
    private let events: SocketEvents

    init(events: SocketEvents, maxConnections: Int) throws(CurlError) {
        guard let raw = curl_multi_init() else { throw CurlError(outOfMemoryIn: "curl_multi_init") }
        do {
            try events.attach(to: raw)
        } catch {
            curl_multi_cleanup(raw)
            throw error
        }
        self.raw = raw
        self.events = events
        keep(maxConnections: maxConnections)
    }

    deinit { curl_multi_cleanup(raw) }

    /// How many connections may stay open for the next transfer. libcurl's own limits on transfers stay off: what waits
    /// inside it would use up its time-out.
    func keep(maxConnections: Int) {
        ccurl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, maxConnections)
    }

    /// Starts a transfer; the next `act(at:)` sends it on its way.
    func add(_ key: EasyHandle.Key) throws(CurlError) {
        try check(curl_multi_add_handle(raw, key.raw), "curl_multi_add_handle")
    }

    /// Takes a transfer out, finished or not.
    func remove(_ key: EasyHandle.Key) {
        curl_multi_remove_handle(raw, key.raw)
    }

    /// Lets libcurl do all that can be done now. `nextFinished` must be drained after it.
    ///
    /// A throw means that the set is of no more use.
    func act(at now: MonotonicTime) throws(CurlError) {
        events.now = now
        var running: Int32 = 0
        for (socket, bits) in events.ready() {
            try check(curl_multi_socket_action(raw, socket, bits, &running), "curl_multi_socket_action")
        }
        // libcurl may ask for another call at once, and versions of it have done so without end (curl#21547): the rest then
        // has to wait for the loop's next turn.
        for _ in 0..<8 where events.takeExpiredDeadline() {
            try check(curl_multi_socket_action(raw, CURL_SOCKET_BAD, 0, &running), "curl_multi_socket_action")
        }
    }

    /// A transfer that has ended, with libcurl's code for how.
    func nextFinished() -> (key: EasyHandle.Key, code: Int)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(raw, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            return (EasyHandle.Key(raw: handle), Int(message.pointee.data.result.rawValue))
        }
        return nil
    }

    private func check(_ code: CURLMcode, _ call: String) throws(CurlError) {
        guard code == CURLM_OK else { throw CurlError(call, code: code) }
    }
}
