internal import Core
internal import GRDB

extension Database {
    /// Adds the entry, with texts of up to 8 KiB, unless it is there already from a try whose answer was lost.
    ///
    /// Rare (somebody has changed something), so the scan does no harm.
    func record(_ entry: AuditEntry) throws {
        try run(
            """
            INSERT INTO audit (at, actor, action, subject, before, after)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
                SELECT 1 FROM audit WHERE at = ?1 AND actor = ?2 AND action = ?3 AND subject = ?4
                    AND before = ?5 AND after = ?6)
            """,
            [
                entry.at.milliseconds, entry.actor.bounded, entry.action.bounded, entry.subject.bounded,
                entry.before.bounded, entry.after.bounded,
            ])
    }
}

extension String {
    /// At most 8 KiB of UTF-8, whole code points, with an ellipsis at the end when something was cut off.
    fileprivate var bounded: String {
        let limit = 8_192
        guard utf8.count > limit else { return self }
        let ellipsis = "…"
        var end = utf8.index(utf8.startIndex, offsetBy: limit - ellipsis.utf8.count)
        // Up to three steps back, out of the middle of a code point.
        while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end]) + ellipsis
    }
}
