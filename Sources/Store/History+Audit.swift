package import Core
internal import GRDB

extension History {
    /// The entries before that position, or of all, the newest first.
    package func audit(before position: Int64? = nil, limit: Int) async throws(StoreError) -> [AuditRecord] {
        try await read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT position, at, actor, action, subject, before, after FROM audit
                        WHERE position < :bound ORDER BY position DESC LIMIT :limit
                        """),
                arguments: ["bound": position ?? .max, "limit": Self.bounded(limit)])
            var records: [AuditRecord] = []
            while let row = try rows.next() {
                let entry = AuditEntry(
                    at: WallTime(milliseconds: try row.integer(1)), actor: try row.text(2), action: try row.text(3),
                    subject: try row.text(4), before: try row.text(5), after: try row.text(6))
                records.append(AuditRecord(position: try row.integer(0), entry: entry))
            }
            return records
        }
    }
}
