internal import CCurl
internal import Core

/// One HTTP exchange at a time on a handle that is used again and again.
///
/// An object, for libcurl's callbacks know it by address.
final class Transfer {
    /// How it ended.
    struct End: Hashable {
        let outcome: Outcome
        let statusCode: Int?
        let retryAfter: Duration?
        let wireSends: Int
        /// The one over which the request went last; nil when none was sent, or libcurl had not ended with it.
        let connection: ConnectionUse?
        /// The answer came to its end.
        var isWhole = false
        /// By the receiver's own clock, when it says so: the answer's `Date`.
        var date: WallTime?
        var phases = Phases()
        /// Of the peer, with its port.
        var address: String?
        /// The beginning of the answer's body, without what was a secret in the request.
        var answer: [UInt8] = []
        /// Safe to print; no path, no query, nothing of the answer's body, in which receivers like to repeat them.
        let detail: String

        /// Of an attempt for which not even a transfer could be had.
        static func unsent(_ detail: String) -> End {
            End(outcome: .internal, statusCode: nil, retryAfter: nil, wireSends: 0, connection: nil, detail: detail)
        }
    }

    /// Of a receiver's answer, headers included, no more is read: its status line is all that counts.
    static let longestAnswer = 65_536
    /// One send, and the one that repairs the race against a receiver which closes a connection just as it is used again.
    private static let mostSends = 2

    private(set) var wireSends = 0
    var longestAnswer = Transfer.longestAnswer
    /// How many bytes of the answer's body are kept, and those.
    var keptBody: (limit: Int, bytes: [UInt8]) = (0, [])
    private var handle: EasyHandle
    private var statusLine = ""
    private var date: WallTime?
    private var received = 0
    private var isResendPrevented = false
    private var secrets: [[UInt8]] = []
    private let sockets: SocketGuard

    /// Cleared already.
    init(_ sockets: SocketGuard = SocketGuard()) throws(CurlError) {
        self.sockets = sockets
        handle = try EasyHandle()
        try clear()
    }

    var key: EasyHandle.Key { handle.key }

    /// Leaves nothing of the last attempt, and says what is the same for all: done when one has ended, so that the next
    /// need not wait for it.
    func clear() throws(CurlError) {
        wireSends = 0
        statusLine = ""
        date = nil
        received = 0
        longestAnswer = Self.longestAnswer
        keptBody = (0, [])
        secrets = []
        isResendPrevented = false
        try handle.reset()
        try handle.setConstantOptions()
        try setCallbacks()
    }

    /// Makes a cleared handle ready for an attempt.
    func prepare(_ request: Request) throws(CurlError) {
        secrets = request.secrets
        sockets.start(request.policy)
        try handle.setOptions(of: request)
    }

    /// To be asked before the handle leaves its `MultiHandle`; `code` is libcurl's `CURLcode`.
    func end(code: Int) -> End {
        let status = handle.statusCode.flatMap { $0 >= 200 ? $0 : nil }
        let retryAfter = handle.retryAfter
        let outcome: Outcome =
            if status == nil && sockets.hasRefusedAll {
                .blocked
            } else if status == nil && isTooLong(code: code) {
                .protocol
            } else {
                Outcome(statusCode: status, code: code, isResendPrevented: isResendPrevented)
            }
        return End(
            outcome: outcome, statusCode: status,
            retryAfter: retryAfter > 0 ? .seconds(retryAfter) : nil, wireSends: wireSends,
            // One that could not be had is none: without a request, libcurl tells 0 or 1 by how far it came.
            connection: wireSends == 0 ? nil : handle.madeConnections == 0 ? .reused : .new,
            isWhole: code == Int(CURLE_OK.rawValue), date: date, phases: phases, address: handle.address,
            answer: excerpt, detail: detail(code: code))
    }

    /// Receivers like to repeat what they were sent; that is not for those who read their answers.
    private var excerpt: [UInt8] {
        let text = secrets.reduce(keptBody.bytes) { $0.replacing($1, with: "[redacted]".utf8) }
        return Array(text.prefix(SideAnswer.longestBody))
    }

    /// To be asked like `end(code:)`.
    var phases: Phases {
        Phases(
            nameLookup: handle.time(CURLINFO_NAMELOOKUP_TIME_T), connect: handle.time(CURLINFO_CONNECT_TIME_T),
            tls: handle.time(CURLINFO_APPCONNECT_TIME_T), firstByte: handle.time(CURLINFO_STARTTRANSFER_TIME_T))
    }

    /// From its start to its end on the clock of its phases; nil when it has not got as far as having one. To be asked like
    /// `end(code:)`.
    var duration: Duration? { handle.time(CURLINFO_TOTAL_TIME_T) }

    /// The end of a transfer that is taken from libcurl before it has one.
    func end(as outcome: Outcome, detail: String) -> End {
        End(
            outcome: outcome, statusCode: nil, retryAfter: nil, wireSends: wireSends, connection: nil, detail: detail)
    }

    #if FAILPOINTS
        private var hasBegun = false

        /// True once for each time that libcurl has begun to write the request.
        func takeBegun() -> Bool {
            defer { hasBegun = false }
            return hasBegun
        }
    #endif

    private func detail(code: Int) -> String {
        var parts: [String] = statusLine.isEmpty ? [] : [statusLine]
        if let host = handle.redirectHost { parts.append("to \(host), not followed") }
        if let refusal = sockets.refusal { parts.append(refusal) }
        if sockets.hasRefusedAll {
            // Nothing else has come to pass.
        } else if isResendPrevented {
            parts.append("the connection closed without an answer, twice in a row")
        } else if isTooLong(code: code) {
            parts.append("the answer was longer than \(longestAnswer / 1024) KiB and not read to its end")
        } else if code != Int(CURLE_OK.rawValue) {
            parts.append(handle.words(for: code))
        }
        return parts.joined(separator: "; ").printable
    }

    /// The answer has more than is read of it. libcurl itself gives up at a line of 100 KiB, and calls that a lack of memory
    /// (27), or too large (100, since 8.6).
    private func isTooLong(code: Int) -> Bool {
        received > longestAnswer || wireSends > 0 && (code == Int(CURLE_OUT_OF_MEMORY.rawValue) || code == 100)
    }

    /// The callbacks get this object's address: `Delivery` keeps it as long as the handle, which lives in it. They are called
    /// within `curl_multi_*` calls, on the thread that makes them.
    private func setCallbacks() throws(CurlError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try handle.set(write: bodyCame)
        try handle.set(CURLOPT_WRITEDATA, pointer: context)
        try handle.set(header: headerCame)
        try handle.set(CURLOPT_HEADERDATA, pointer: context)
        try handle.set(prereq: aboutToSend)
        try handle.set(CURLOPT_PREREQDATA, pointer: context)
        try sockets.install(on: handle)
    }

    /// False ends the transfer.
    fileprivate func receive(_ count: Int) -> Bool {
        received += count
        return received <= longestAnswer
    }

    fileprivate func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        keptBody.bytes += bytes.prefix(keptBody.limit - keptBody.bytes.count)
        return receive(bytes.count)
    }

    fileprivate func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        if line.starts(with: "HTTP/".utf8) {
            statusLine = String(decoding: line.prefix(128), as: UTF8.self).trimmingLineEnd()
            date = nil
        } else if line.count < 64, let value = Self.value(of: "date:", in: line) {
            // Understands all three forms of RFC 9110; -1 for what is none. Years beyond 9999 are nobody's clock, and their
            // milliseconds may be more than a number holds.
            let seconds = Int64(curl_getdate(value, nil))
            date = (0...253_402_300_799).contains(seconds) ? WallTime(milliseconds: seconds * 1000) : nil
        }
        return receive(line.count)
    }

    /// `name` is in lower case, with its colon.
    private static func value(of name: String, in line: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: line, as: UTF8.self)
        guard text.prefix(name.count).lowercased() == name else { return nil }
        return text.dropFirst(name.count).trimmingLineEnd().trimmingNULAndSpace()
    }

    fileprivate func maySend(to peer: UnsafePointer<CChar>?, _ peerPort: Int, from localPort: Int) -> Bool {
        guard sockets.permits(peer: peer), let peer else { return false }
        let connection = ConnectionSockets.Ends(localPort: localPort, peerPort: peerPort, peer: String(cString: peer))
        // Nothing goes over it: this is asked again about the next.
        if sockets.hasSpoken(connection) { return true }
        guard wireSends < Self.mostSends else {
            isResendPrevented = true
            return false
        }
        wireSends += 1
        #if FAILPOINTS
            hasBegun = true
        #endif
        return true
    }
}

private let bodyCame: curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

/// Called once for each whole line.
private let headerCame: curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

/// Called each time that libcurl is about to write the request, its own hidden resends included.
private let aboutToSend: curl_prereq_callback = { context, peer, _, peerPort, localPort in
    guard let context else { return CURL_PREREQFUNC_ABORT }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.maySend(to: peer, Int(peerPort), from: Int(localPort)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

extension StringProtocol {
    fileprivate func trimmingLineEnd() -> String {
        String(self[..<(firstIndex(where: \.isNewline) ?? endIndex)])
    }
}
