internal import GRDB

/// The tables, as a sequence of migrations that is only ever added to.
///
/// STRICT, so that what is read back has the type that was declared. Outside words are text with their bytes as they
/// are, compared byte for byte. Times are milliseconds since 1970 UTC.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        return migrator
    }

    private static let first = """
        CREATE TABLE device (
            udid TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            platform TEXT,
            port TEXT,
            id_path TEXT,
            reported TEXT CHECK (reported IN ('online', 'offline', 'utilizing', 'unplugged')),
            reason TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE event (
            number INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            device TEXT NOT NULL,
            name TEXT NOT NULL,
            device_group TEXT NOT NULL,
            previous TEXT,
            status TEXT NOT NULL,
            reason TEXT,
            is_silent INTEGER NOT NULL,
            platform TEXT,
            port TEXT
        ) STRICT;

        -- AUTOINCREMENT: a number is never given twice, and rows are retired, never deleted.
        CREATE TABLE webhook (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            is_retired INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- `position` is the order of commitment. No reference to device or event: a callback outlives both.
        CREATE TABLE callback (
            position INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            webhook INTEGER NOT NULL REFERENCES webhook (id),
            device TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            event INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER,
            settled_at INTEGER CHECK ((settled_at IS NULL) = (state = 'pending')),
            body BLOB NOT NULL
        ) STRICT;

        -- One index for both: what is pending (NULL, and within it by position), and the settled by age.
        CREATE INDEX callback_settled_at ON callback (settled_at);

        -- No index: found by position (retention), or by a scan of its bounded whole (one callback's history).
        CREATE TABLE attempt (
            position INTEGER NOT NULL PRIMARY KEY,
            callback TEXT NOT NULL,
            number INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            status_code INTEGER,
            detail TEXT NOT NULL,
            duration_us INTEGER NOT NULL,
            wire_sends INTEGER NOT NULL,
            not_before INTEGER
        ) STRICT;

        CREATE TABLE lane (
            device TEXT NOT NULL,
            webhook INTEGER NOT NULL REFERENCES webhook (id),
            next_sequence INTEGER NOT NULL,
            PRIMARY KEY (device, webhook)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE meta (
            key TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
