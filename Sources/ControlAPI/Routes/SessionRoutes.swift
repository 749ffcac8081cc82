internal import Core
internal import HTTPTypes
internal import HummingbirdCore
internal import Linux
internal import NIOCore

let sessionRoutes: [Route] = [
    Route(.get, "/v1/sessions", .deviceView, query: [.text("device")]) { call in
        var list = await call.agent.sessions()
        if let device = call.query.text("device") {
            let udid = await call.udid(device).description
            list.sessions.removeAll { $0.udid != udid && $0.deviceName != device }
            list.waiting.removeAll { $0.target != udid && $0.target != device }
        }
        return try Answer.json(list)
    },
    Route(.post, "/v1/sessions", .sessionManage) { call in
        let json = try await call.jsonBody()
        let id = newSessionID()
        let session = try await call.start(id, json)
        let headers: HTTPFields = [.location: "/v1/sessions/\(id)"]
        guard session.boundTo == "connection" else {
            return try Answer.json(session, status: .created, headers: headers)
        }
        return try call.holding(session, status: .created, headers: headers)
    },
    Route(.get, "/v1/sessions/{id}", .deviceView) { call in
        try Answer.json(try await call.agent.session(call.session))
    },
    Route(.delete, "/v1/sessions/{id}", .sessionManage) { call in
        try Answer.json(try await call.agent.endSession(call.session, by: call.sessionCaller))
    },
    Route(.post, "/v1/sessions/{id}/heartbeat", .sessionManage) { call in
        try Answer.json(try await call.agent.heartbeat(call.session, by: call.sessionCaller))
    },
    Route(.post, "/v1/sessions/{id}/hold", .sessionManage) { call in
        try call.holding(try await call.agent.holdSession(call.session, by: call.sessionCaller), status: .ok)
    },
]

/// 128 random bits: whoever knows it may still not do more than his permissions say.
private func newSessionID() -> SessionID {
    var system = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ in
        let text = String(system.next(), radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
    return SessionID("ses_" + digits.joined())
}

extension Call {
    fileprivate var session: SessionID { SessionID(parameter("id")) }

    fileprivate var sessionCaller: SessionCaller {
        get async {
            SessionCaller(
                actor: await actor, pid: caller.pid, mayRevoke: caller.permissions.contains(.orgSettingModify))
        }
    }

    /// A caller that goes before it is answered has got nothing.
    fileprivate func start(_ id: SessionID, _ json: [UInt8]) async throws -> SessionView {
        let answer = Locked((isGiven: false, hasLeft: false))
        departure.whenComplete { [agent] _ in
            let isTooEarly = answer.withLock { answer in
                answer.hasLeft = true
                return !answer.isGiven
            }
            if isTooEarly { agent.connectionClosed(of: id) }
        }
        defer { answer.withLock { $0.isGiven = true } }
        let session = try await agent.startSession(id, json: json, by: sessionCaller)
        // Gone between the two, it was taken out before it was in.
        if answer.withLock({ $0.hasLeft }) { agent.connectionClosed(of: id) }
        return session
    }

    /// The session as one line of JSON; the answer lasts as long as it lives, and its end is another line.
    fileprivate func holding(
        _ session: SessionView, status: HTTPResponse.Status, headers: HTTPFields = [:]
    ) throws -> Response {
        let id = SessionID(session.id)
        departure.whenComplete { [agent] _ in agent.connectionClosed(of: id) }
        var headers = headers
        headers[.contentType] = "application/x-ndjson"
        headers[.cacheControl] = "no-store"
        headers[.connection] = "close"
        let first = try Answer.encode(session)
        return Response(
            status: status, headers: headers,
            body: ResponseBody { [agent] writer in
                try await writer.write(ByteBuffer(bytes: first + [0x0a]))
                if let ended = await agent.sessionEnd(id) {
                    try await writer.write(ByteBuffer(bytes: try Answer.encode(ended) + [0x0a]))
                }
                try await writer.finish(nil)
            })
    }
}
