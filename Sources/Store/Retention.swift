package import Core
internal import GRDB
internal import Linux

/// How much history is kept. What is pending stays, whatever its age.
package struct Retention: Hashable, Sendable {
    /// Callbacks that are delivered or not wanted any more: for a look back, and to send one again.
    package var settledCount = 50_000
    package var settledAge = Duration.seconds(24 * 3_600)
    /// Dead ones: for those who have to find out why, and to send them again.
    package var deadCount = 50_000
    package var deadAge = Duration.seconds(30 * 24 * 3_600)
    package var attemptCount = 50_000
    package var attemptAge = Duration.seconds(7 * 24 * 3_600)
    /// Months of a busy rack, in some 20 MB.
    package var eventCount = 100_000
    /// Years of what people do to it, in 3 MB; in 170 MB, if each entry had two texts as long as they may be.
    package var auditCount = 10_000

    /// Of those that have ended.
    package var sessionCount = 10_000

    package init() {}

    /// What is kept when there is no room for what is new.
    package static let least: Retention = {
        var least = Retention()
        least.settledCount = 0
        least.attemptCount = 1_000
        least.eventCount = 1_000
        return least
    }()

    /// The most that one call removes: a few milliseconds, which a commit that comes meanwhile has to wait.
    package static let slice = 500
    /// Free pages that are kept for new rows (4 MB) rather than given back to the file system.
    static let sparePages = 1_024
    /// Pages that one call gives back: each is moved, hence written, once.
    static let pageSlice = 128
}

extension StateStore {
    /// Removes up to `Retention.slice` rows that are over, oldest first, and returns how many.
    ///
    /// To be called again while it is that many. Not for the way of a commit. The number of a lane goes when its
    /// device is forgotten and the last callback of it is removed. Ages are by the wall clock as it was; after a step of the clock the counts still
    /// bound everything.
    package func prune(at now: WallTime, keeping retention: Retention = Retention()) throws(StoreError) -> Int {
        try perform { db in
            var removed = 0
            try db.inTransaction(.immediate) {
                let limit = Retention.slice
                removed += try db.prune(
                    "settled_at IS NOT NULL AND state <> 'dead'", now, retention.settledAge, retention.settledCount,
                    upTo: limit)
                removed += try db.prune(
                    "state = 'dead'", now, retention.deadAge, retention.deadCount, upTo: limit - removed)
                removed += try db.pruneAttempts(now, retention, upTo: Retention.slice - removed)
                removed += try db.pruneEvents(retention, upTo: Retention.slice - removed)
                removed += try db.pruneLanes(upTo: Retention.slice - removed)
                removed += try db.pruneAudit(retention, upTo: Retention.slice - removed)
                removed += try db.pruneSessions(retention, upTo: Retention.slice - removed)
                removed += try db.prunePageSessions(now, upTo: Retention.slice - removed)
                Failpoint.pass("mid-prune")
                return .commit
            }
            return removed
        }
    }

    /// Gives a slice of the free pages back to the file system; false when there is none to give.
    package func reclaim() throws(StoreError) -> Bool {
        try perform { db in
            let free = try db.integer("PRAGMA freelist_count") ?? 0
            guard free > Retention.sparePages else { return false }
            try db.execute(sql: "PRAGMA incremental_vacuum(\(Retention.pageSlice))")
            return true
        }
    }

    /// Brings what is in the log into the database file, as far as readers let it; the log then starts anew.
    package func checkpoint() throws(StoreError) {
        try perform {
            Failpoint.pass("before-checkpoint")
            _ = try $0.checkpoint(.passive)
            Failpoint.pass("after-checkpoint")
        }
    }

    /// The same, and empties the log: for an orderly end.
    ///
    /// Throws `locked` when a reader is in the way, which does no harm: what was committed is safe in the log.
    package func emptyLog() throws(StoreError) {
        try perform { _ = try $0.checkpoint(.truncate) }
    }
}

extension Database {
    /// Removes callbacks of a kind, which must be that of an index by age.
    fileprivate func prune(
        _ kind: String, _ now: WallTime, _ longestAge: Duration, _ mostCount: Int, upTo limit: Int
    ) throws -> Int {
        let all = try integer("SELECT count(*) FROM callback WHERE \(kind)") ?? 0
        let aged =
            try integer(
                "SELECT count(*) FROM callback WHERE \(kind) AND settled_at < ?",
                [now.milliseconds - longestAge.wholeMilliseconds]) ?? 0
        let over = max(aged, all - Int64(mostCount))
        guard over > 0 else { return 0 }
        let oldest = "SELECT position FROM callback WHERE \(kind) ORDER BY settled_at LIMIT ?"
        let count = min(over, Int64(limit))
        // Before the rows go that say how far their lane has come.
        try run(
            """
            INSERT INTO lane (device, webhook, next_sequence)
            SELECT device, webhook, max(sequence) + 1 FROM callback WHERE position IN (\(oldest)) GROUP BY 1, 2
            ON CONFLICT DO UPDATE SET next_sequence = max(next_sequence, excluded.next_sequence)
            """,
            [count])
        return try run("DELETE FROM callback WHERE position IN (\(oldest))", [count])
    }

    /// Looks at the oldest `limit` positions only, which are in order of time as long as the clock was.
    fileprivate func pruneAttempts(_ now: WallTime, _ retention: Retention, upTo limit: Int) throws -> Int {
        guard let first = try integer("SELECT min(position) FROM attempt"),
            let last = try integer("SELECT max(position) FROM attempt")
        else { return 0 }
        return try run(
            "DELETE FROM attempt WHERE position < ? AND (position <= ? OR started_at < ?)",
            [
                first + Int64(limit), last - Int64(retention.attemptCount),
                now.milliseconds - retention.attemptAge.wholeMilliseconds,
            ])
    }

    fileprivate func pruneEvents(_ retention: Retention, upTo limit: Int) throws -> Int {
        guard let first = try integer("SELECT min(number) FROM event"),
            let last = try integer("SELECT max(number) FROM event")
        else { return 0 }
        return try run(
            "DELETE FROM event WHERE number < ?",
            [min(first + Int64(limit), last - Int64(retention.eventCount) + 1)])
    }

    fileprivate func pruneAudit(_ retention: Retention, upTo limit: Int) throws -> Int {
        guard let first = try integer("SELECT min(position) FROM audit"),
            let last = try integer("SELECT max(position) FROM audit")
        else { return 0 }
        return try run(
            "DELETE FROM audit WHERE position < ?",
            [min(first + Int64(limit), last - Int64(retention.auditCount) + 1)])
    }

    fileprivate func pruneSessions(_ retention: Retention, upTo limit: Int) throws -> Int {
        let ended = try integer("SELECT count(*) FROM session WHERE ended_at IS NOT NULL") ?? 0
        let over = min(ended - Int64(retention.sessionCount), Int64(limit))
        guard over > 0 else { return 0 }
        return try run(
            """
            DELETE FROM session WHERE id IN (
                SELECT id FROM session WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT ?)
            """,
            [over])
    }

    fileprivate func pruneLanes(upTo limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM lane WHERE (device, webhook) IN (
                SELECT device, webhook FROM lane WHERE device NOT IN (SELECT udid FROM device) LIMIT ?)
            """,
            [limit])
    }
}
