package import Core
internal import FoundationEssentials
internal import GRDB

extension Database {
    /// A start, or deadlines that are others now; or, under the name of one that has ended in the same turn, another phone.
    func record(_ session: StoredSession) throws {
        // A watcher sees one again that was over: it starts anew, under its old name.
        try run("DELETE FROM session WHERE id = ? AND ended_at IS NOT NULL", [session.id.description])
        let binding = session.binding.columns
        try run(
            """
            INSERT INTO session (\(sessionColumns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET device = excluded.device, owner = excluded.owner,
                started_by = excluded.started_by, kind = excluded.kind, labels = excluded.labels,
                is_exclusive = excluded.is_exclusive, binding = excluded.binding, pid = excluded.pid,
                pid_start = excluded.pid_start, watcher = excluded.watcher, idle_boot = excluded.idle_boot,
                idle_wall = excluded.idle_wall, last_boot = excluded.last_boot, last_wall = excluded.last_wall
            """,
            [
                session.id.description, session.device.description, session.owner, session.startedBy,
                session.kind.rawValue, try session.labels.json(), session.isExclusive, binding.word,
                binding.process.map { Int($0.pid) }, binding.process.map { Int64(bitPattern: $0.startTime) },
                binding.watcher, session.startedAt.milliseconds, session.timeToLive?.wholeMilliseconds,
                session.idle?.boot.nanoseconds, session.idle?.wall.milliseconds, session.last?.boot.nanoseconds,
                session.last?.wall.milliseconds, session.longest?.wholeMilliseconds,
            ])
    }

    func record(_ ending: SessionEnding, of session: SessionID) throws {
        try run(
            "UPDATE session SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL",
            [ending.at.milliseconds, ending.reason.rawValue, session.description])
    }

    /// Those that live, in the order of their start.
    func liveSessions() throws -> [StoredSession] {
        let rows = try Row.fetchCursor(
            self, sql: "SELECT \(sessionColumns) FROM session WHERE ended_at IS NULL ORDER BY started_at, id")
        var sessions: [StoredSession] = []
        while let row = try rows.next() { sessions.append(try row.session()) }
        return sessions
    }
}

extension History {
    /// A session that lives, or has ended and is kept.
    package func session(_ id: SessionID) async throws(StoreError) -> SessionHistory? {
        try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT \(sessionColumns), ended_at, end_reason FROM session WHERE id = CAST(? AS TEXT)"),
                arguments: [Data(id.description.utf8)])
            guard let row else { return nil }
            let ending = try row.time(18).map { at in SessionEnding(reason: try row.word(19), at: at) }
            return SessionHistory(session: try row.session(), ending: ending)
        }
    }
}

private let sessionColumns = """
    id, device, owner, started_by, kind, labels, is_exclusive, binding, pid, pid_start, watcher, started_at,
    time_to_live_ms, idle_boot, idle_wall, last_boot, last_wall, longest_ms
    """

extension Row {
    /// In the order of `sessionColumns`.
    fileprivate func session() throws -> StoredSession {
        StoredSession(
            id: SessionID(try text(0)), device: UDID(try text(1)), owner: try text(2), startedBy: try text(3),
            kind: try word(4), labels: try labels(5), isExclusive: try integer(6) != 0, binding: try binding(7),
            startedAt: WallTime(milliseconds: try integer(11)),
            timeToLive: try duration(12), idle: try deadline(13), last: try deadline(15), longest: try duration(17))
    }

    private func duration(_ index: Int) throws -> Duration? {
        try decode(Int64?.self, atIndex: index).map { .milliseconds($0) }
    }

    private func labels(_ index: Int) throws -> [String: String] {
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(try text(index).utf8))
        } catch is DecodingError {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no labels in column \(index)")
        }
    }

    private func binding(_ index: Int) throws -> SessionBinding {
        let word = try text(index)
        let pid = try decode(Int64?.self, atIndex: index + 1)
        let start = try decode(Int64?.self, atIndex: index + 2)
        switch (word, pid, start, try optionalText(index + 3)) {
        case ("lease", _, _, _): return .lease
        case ("connection", _, _, _): return .connection
        case ("process", let pid?, let start?, _):
            return .process(BoundProcess(pid: Int32(truncatingIfNeeded: pid), startTime: UInt64(bitPattern: start)))
        case ("observed", _, _, let watcher?): return .observed(by: watcher)
        default: throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no binding in column \(index)")
        }
    }

    private func deadline(_ index: Int) throws -> StoredSession.Deadline? {
        guard let boot = try decode(Int64?.self, atIndex: index), let wall = try time(index + 1) else { return nil }
        return StoredSession.Deadline(boot: BootTime(nanoseconds: boot), wall: wall)
    }
}

extension SessionBinding {
    fileprivate var columns: (word: String, process: BoundProcess?, watcher: String?) {
        switch self {
        case .lease: ("lease", nil, nil)
        case .process(let process): ("process", process, nil)
        case .connection: ("connection", nil, nil)
        case .observed(let watcher): ("observed", nil, watcher)
        }
    }
}

extension [String: String] {
    fileprivate func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
