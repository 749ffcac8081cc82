internal import GRDB
internal import Glibc

/// How the database file is judged and opened.
enum DatabaseFile {
    /// SQLite checkpoints by itself, inside a commit, only when the log has grown to this many pages (32 MiB).
    ///
    /// The committer does it earlier, between commits; this is for a load without a pause. A burst of 1,270 callbacks
    /// and their outcomes is about 4,000 pages and must not run into it.
    private static let longestLog = 8_192

    /// How long a commit waits for another process that holds the database locked, which none should for long.
    private static let patience = 1.0

    /// Finds out, without changing a byte, whether the file is one that this version may write to.
    ///
    /// A file that is missing or empty is fine. One whose writer died in the middle of a transaction with a rollback journal is
    /// first brought to what it was before, which no reader can do without: an agent that is killed while it makes the file
    /// leaves it so, before the file has its log. Reads the whole of it (about 0.1 s for 100,000 callbacks) only when the
    /// agent before did not end in order, which is when there can be damage that nobody has seen.
    static func inspect(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return }
        let isCleanlyClosed = access(path + "-wal", F_OK) != 0
        do {
            try judge(path, thoroughly: !isCleanlyClosed)
        } catch {
            // Reading has made an empty log and its index; a file that is refused is left without them.
            if isCleanlyClosed {
                unlink(path + "-wal")
                unlink(path + "-shm")
            }
            throw error
        }
    }

    /// Bytes, as the file system tells them without a look at the disk; 0 when there is no such file.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func judge(_ path: String, thoroughly: Bool) throws {
        let queue = try openForReading(path, mayRollBack: access(path + "-journal", F_OK) == 0)
        defer { try? queue.close() }
        try queue.read { db in
            let applied = try Schema.migrator.appliedIdentifiers(db)
            if !applied.isSubset(of: Schema.migrator.migrations) { throw StoreError.newerSchema(path: path) }
            if applied.isEmpty, try db.hasTables() { throw StoreError.notOurs(path: path) }
            if thoroughly, let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), verdict != "ok" {
                throw StoreError.corrupt(path: path, detail: verdict)
            }
        }
    }

    /// Opens what is there, without a way to change it, unless it may undo what another has left half done.
    static func openForReading(_ path: String, mayRollBack: Bool = false) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "reader"
        configuration.readonly = !mayRollBack
        configuration.busyMode = .timeout(patience)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Opens or makes it, brings its tables up to date, and makes sure that a commit is on disk when it returns.
    ///
    /// `synchronous=FULL` comes last and outside a transaction: GRDB sets NORMAL when it has set up the log, and what
    /// was said before that (in `prepareDatabase`, too) is undone. With NORMAL a commit survives a crash of the
    /// process, not one of the host.
    static func open(_ path: String, maximumPages: Int) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(patience)
        // A transaction may be begun before it is known what it is for; see `StateStore.prepare`.
        configuration.allowsUnsafeTransactions = true
        // Only ever takes effect before the first table.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw StoreError.io(path: path, detail: "synchronous=FULL was not accepted")
            }
            // Neither is kept in the file.
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(maximumPages)")
            _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = \(longestLog)")
            _ = try Int.fetchOne(db, sql: "PRAGMA journal_size_limit = \(longestLog * 4_096)")
        }
        try Schema.migrator.migrate(queue)
        return queue
    }
}

extension Database {
    fileprivate func hasTables() throws -> Bool {
        try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_schema)") ?? false
    }
}
