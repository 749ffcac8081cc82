/// The name of a session, given by whoever starts it.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Somebody uses a phone now: a lease with an owner, and two deadlines.
package struct Session: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case session, cleanup
        /// Held for somebody, not used: does not count as utilizing.
        case reserved
    }

    package let id: SessionID
    package let owner: String
    package let kind: Kind
    /// How long it lives without a heartbeat.
    package let timeToLive: Duration
    /// When it ends whatever its heartbeats say.
    package let lastDeadline: MonotonicTime
    package private(set) var idleDeadline: MonotonicTime

    package init(
        id: SessionID, owner: String, kind: Kind = .session, timeToLive: Duration, longest: Duration,
        startedAt now: MonotonicTime
    ) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.timeToLive = timeToLive
        lastDeadline = now + longest
        idleDeadline = now + timeToLive
    }

    package var deadline: MonotonicTime { min(idleDeadline, lastDeadline) }
    package var counts: Bool { kind != .reserved }

    package mutating func heartbeat(at now: MonotonicTime) { idleDeadline = now + timeToLive }
}

/// The live sessions of one phone.
package struct SessionSet: Hashable, Sendable {
    package private(set) var sessions: [SessionID: Session] = [:]
    /// When the sessions that survived an unplugging end; nil while the phone is there.
    private var graceDeadline: MonotonicTime?

    package init() {}

    /// More than anybody needs on one phone, and few enough that a broken client cannot fill the memory.
    package static let most = 64

    package var isUtilizing: Bool { sessions.values.contains(where: \.counts) }
    package var isEmpty: Bool { sessions.isEmpty }
    package var isFull: Bool { sessions.count >= Self.most }

    package var deadline: MonotonicTime? {
        let earliest = sessions.values.map(\.deadline).min()
        return [earliest, sessions.isEmpty ? nil : graceDeadline].compactMap(\.self).min()
    }

    package mutating func start(_ session: Session) { sessions[session.id] = session }

    package mutating func heartbeat(_ id: SessionID, at now: MonotonicTime) { sessions[id]?.heartbeat(at: now) }

    /// False when there is none of that name (any more).
    package mutating func end(_ id: SessionID) -> Bool { sessions.removeValue(forKey: id) != nil }

    /// The phone is unplugged: sessions end when the grace is over, or with the next `timePassed` when there is none.
    package mutating func deviceUnplugged(graceUntil deadline: MonotonicTime) { graceDeadline = deadline }

    package mutating func deviceReturned() { graceDeadline = nil }

    /// Takes out what has ended, in the order of its names, with the cause.
    package mutating func timePassed(_ now: MonotonicTime) -> [(SessionID, SessionEnd)] {
        let isOver = graceDeadline.map { $0 <= now } ?? false
        let ended = sessions.values.compactMap { session -> (SessionID, SessionEnd)? in
            if isOver { return (session.id, .deviceUnplugged) }
            guard session.deadline <= now else { return nil }
            return (session.id, session.lastDeadline <= now ? .tooLong : .idle)
        }.sorted { $0.0.description < $1.0.description }
        for (id, _) in ended { sessions[id] = nil }
        return ended
    }
}

/// Why a session is over.
package enum SessionEnd: String, Hashable, Sendable, CaseIterable {
    case ended, idle, tooLong, deviceUnplugged
}

/// Why a session could not start.
package enum SessionRefusal: Hashable, Sendable {
    case notPresent
    case notReady(Reason)
    /// The phone holds as many sessions as one may.
    case tooMany
}
