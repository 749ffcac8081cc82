/// The live sessions of one phone.
struct SessionSet: Hashable, Sendable {
    private(set) var sessions: [SessionID: Session] = [:]
    /// When the sessions that survived an unplugging end; nil while the phone is there.
    private var graceDeadline: MonotonicTime?

    /// More than anybody needs on one phone, and few enough that a broken client cannot fill the memory.
    static let most = 64

    var isUtilizing: Bool { sessions.values.contains(where: \.counts) }
    var isEmpty: Bool { sessions.isEmpty }
    var isFull: Bool { sessions.count >= Self.most }

    var deadline: MonotonicTime? {
        let earliest = sessions.values.compactMap(\.deadline).min()
        return [earliest, sessions.isEmpty ? nil : graceDeadline].compactMap(\.self).min()
    }

    /// In the order of their start.
    var inOrder: [Session] {
        sessions.values.sorted { ($0.startedAt, $0.id.description) < ($1.startedAt, $1.id.description) }
    }

    /// Each once, in the order of their start.
    var owners: [String] {
        inOrder.reduce(into: []) { owners, session in
            if !owners.contains(session.owner) { owners.append(session.owner) }
        }
    }

    mutating func start(_ session: Session) { sessions[session.id] = session }

    /// Changes one, if it is there, and returns what it is then.
    mutating func change(_ id: SessionID, _ change: (inout Session) -> Void) -> Session? {
        guard var session = sessions[id] else { return nil }
        change(&session)
        sessions[id] = session
        return session
    }

    mutating func end(_ id: SessionID) -> Session? { sessions.removeValue(forKey: id) }

    /// The phone is unplugged: sessions end when the grace is over, or with the next `timePassed` when there is none.
    mutating func deviceUnplugged(graceUntil deadline: MonotonicTime) { graceDeadline = deadline }

    mutating func deviceReturned() { graceDeadline = nil }

    /// Those that are over, in the order of their start, with the cause.
    func over(at now: MonotonicTime) -> [(SessionID, SessionEnd)] {
        let isGraceOver = graceDeadline.map { $0 <= now } ?? false
        return inOrder.compactMap { session in
            (isGraceOver ? .deviceUnplugged : session.end(at: now)).map { (session.id, $0) }
        }
    }
}
