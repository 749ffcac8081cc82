internal import Core
internal import FoundationEssentials
internal import GRDB

extension Database {
    /// Keeps it, or with nil forgets it.
    func record(_ session: PageSession?, of digest: TokenDigest) throws {
        guard let session else {
            return _ = try run("DELETE FROM page_session WHERE digest = ?", [digest.bytes])
        }
        let words = Permission.allCases.filter(session.permissions.contains).map(\.rawValue)
        try run(
            "INSERT INTO page_session VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
            [
                digest.bytes, Int64(session.uid), session.user, words.joined(separator: ","),
                session.ends.milliseconds,
            ])
    }

    /// Also those that are over, in the order of their ends, which is that of their beginnings.
    func pageSessions() throws -> [PageSession] {
        let rows = try Row.fetchCursor(
            self, sql: "SELECT digest, uid, user, permissions, ends_at FROM page_session ORDER BY ends_at, digest")
        var sessions: [PageSession] = []
        while let row = try rows.next() {
            // Who is not understood is not signed in.
            guard let digest = TokenDigest(bytes: [UInt8](try row.decode(Data.self, atIndex: 0))),
                let uid = UInt32(exactly: try row.integer(1))
            else { continue }
            let words = try row.text(3).split(separator: ",").map(String.init)
            sessions.append(
                PageSession(
                    digest: digest, uid: uid, user: try row.text(2),
                    permissions: Set(words.compactMap(Permission.init)),
                    ends: WallTime(milliseconds: try row.integer(4))))
        }
        return sessions
    }

    func prunePageSessions(_ now: WallTime, upTo limit: Int) throws -> Int {
        try run(
            "DELETE FROM page_session WHERE digest IN (SELECT digest FROM page_session WHERE ends_at <= ? LIMIT ?)",
            [now.milliseconds, limit])
    }
}
