internal import GRDB

/// The tables, as a sequence of migrations that is only ever added to.
///
/// STRICT, so that what is read back has the type that was declared. Outside words are text with their bytes as they
/// are, compared byte for byte. Times are milliseconds since 1970 UTC.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        migrator.registerMigration("2") { try $0.execute(sql: second) }
        migrator.registerMigration("3") { try $0.execute(sql: third) }
        migrator.registerMigration("4") { try $0.execute(sql: fourth) }
        migrator.registerMigration("5") {
            try $0.execute(sql: "ALTER TABLE device ADD COLUMN is_serial_shared INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("6") { try $0.execute(sql: sixth) }
        migrator.registerMigration("7") { try $0.execute(sql: seventh) }
        migrator.registerMigration("8") { try $0.execute(sql: eighth) }
        migrator.registerMigration("9") { try $0.execute(sql: ninth) }
        migrator.registerMigration("10") { try $0.execute(sql: tenth) }
        migrator.registerMigration("11") { try $0.execute(sql: eleventh) }
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

        -- The settled by age. What is pending is found by a scan, once at the start: an entry for it here would be one
        -- more page that a callback waits for.
        CREATE INDEX callback_settled_at ON callback (settled_at) WHERE settled_at IS NOT NULL;

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

        -- The next number of a lane, as far as its callbacks do not say it any more: written when they are removed.
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

    private static let second = """
        ALTER TABLE webhook ADD COLUMN is_suspended INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE audit (
            position INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL
        ) STRICT;
        """

    /// An absence that is expected has a time when it is over; the other two are of no meaning without it.
    private static let third = """
        ALTER TABLE device ADD COLUMN absence_until INTEGER;
        ALTER TABLE device ADD COLUMN absence_reason TEXT NOT NULL DEFAULT '';
        ALTER TABLE device ADD COLUMN absence_has_begun INTEGER NOT NULL DEFAULT 0;
        """

    /// What a phone says of itself.
    private static let fourth = """
        ALTER TABLE device ADD COLUMN own_name TEXT;
        ALTER TABLE device ADD COLUMN model TEXT;
        ALTER TABLE device ADD COLUMN os_version TEXT;
        """

    /// Who has which phone. Deadlines are nanoseconds on the boot clock, beside the same moment on the wall clock.
    private static let sixth = """
        CREATE TABLE session (
            id TEXT NOT NULL PRIMARY KEY,
            device TEXT NOT NULL,
            owner TEXT NOT NULL,
            started_by TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('session', 'cleanup', 'reserved')),
            labels TEXT NOT NULL,
            is_exclusive INTEGER NOT NULL,
            binding TEXT NOT NULL CHECK (binding IN ('lease', 'process', 'connection', 'observed')),
            pid INTEGER,
            pid_start INTEGER,
            watcher TEXT,
            started_at INTEGER NOT NULL,
            time_to_live_ms INTEGER,
            idle_boot INTEGER,
            idle_wall INTEGER,
            last_boot INTEGER,
            last_wall INTEGER,
            longest_ms INTEGER,
            ended_at INTEGER,
            end_reason TEXT CHECK ((end_reason IS NULL) = (ended_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX session_ended_at ON session (ended_at) WHERE ended_at IS NOT NULL;

        -- Of an event that is the start or the end of a session.
        ALTER TABLE event ADD COLUMN session TEXT;
        ALTER TABLE event ADD COLUMN session_owner TEXT;
        ALTER TABLE event ADD COLUMN session_kind TEXT;
        ALTER TABLE event ADD COLUMN session_end TEXT;
        """

    /// Callbacks that are given up, and why; and more of what came of an attempt. A table has to be made anew to allow more
    /// words in a column.
    private static let seventh = """
        CREATE TABLE new_callback (
            position INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            webhook INTEGER NOT NULL REFERENCES webhook (id),
            device TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            event INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending'
                CHECK (state IN ('pending', 'delivered', 'dead', 'superseded', 'dropped', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER,
            settled_at INTEGER CHECK ((settled_at IS NULL) = (state = 'pending')),
            body BLOB NOT NULL,
            -- How it has failed since it was last enqueued.
            steps INTEGER NOT NULL DEFAULT 0,
            rejections INTEGER NOT NULL DEFAULT 0,
            -- Why it was given up.
            ending TEXT CHECK (
                ending IS NULL OR ending IN ('rejected', 'expired', 'superseded', 'dropped', 'cancelled')),
            -- When somebody last had it sent again.
            renewed_at INTEGER
        ) STRICT;

        INSERT INTO new_callback
        SELECT position, id, webhook, device, sequence, event, created_at, state, attempts, not_before, settled_at, body,
            attempts, 0, CASE state WHEN 'cancelled' THEN 'cancelled' END, NULL
        FROM callback;

        DROP TABLE callback;
        ALTER TABLE new_callback RENAME TO callback;

        -- By age: the settled, and for longer the dead.
        CREATE INDEX callback_settled_at ON callback (settled_at) WHERE settled_at IS NOT NULL AND state <> 'dead';
        CREATE INDEX callback_dead_at ON callback (settled_at) WHERE state = 'dead';

        -- Microseconds from the start of the attempt; NULL for what did not happen.
        ALTER TABLE attempt ADD COLUMN name_lookup_us INTEGER;
        ALTER TABLE attempt ADD COLUMN connect_us INTEGER;
        ALTER TABLE attempt ADD COLUMN tls_us INTEGER;
        ALTER TABLE attempt ADD COLUMN first_byte_us INTEGER;
        ALTER TABLE attempt ADD COLUMN address TEXT;
        ALTER TABLE attempt ADD COLUMN answer BLOB;
        """

    /// Header lines of the body's form, one below the other; NULL where there is nothing but the nine keys.
    private static let eighth = "ALTER TABLE callback ADD COLUMN headers TEXT"

    /// Browsers that are signed in to the page: the SHA-256 of what they show.
    private static let ninth = """
        CREATE TABLE page_session (
            digest BLOB NOT NULL PRIMARY KEY,
            uid INTEGER NOT NULL,
            user TEXT NOT NULL,
            permissions TEXT NOT NULL,
            ends_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// When the status began that was last reported, as far as the events say it that are kept.
    private static let tenth = """
        ALTER TABLE device ADD COLUMN reported_at INTEGER;

        UPDATE device SET reported_at = last.at
        FROM (SELECT device, status, at, max(number) FROM event WHERE session IS NULL GROUP BY device) AS last
        WHERE last.device = device.udid AND last.status = device.reported;
        """

    /// The words that a column may hold, one by one: for a list of more than two SQLite makes a table in memory, fills it and
    /// throws it away, each time that a row is written, and a removal had three of them to wait for.
    private static let eleventh = """
        CREATE TABLE new_device (
            udid TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            platform TEXT,
            port TEXT,
            id_path TEXT,
            reported TEXT CHECK (
                reported = 'online' OR reported = 'offline' OR reported = 'utilizing' OR reported = 'unplugged'),
            reason TEXT,
            absence_until INTEGER,
            absence_reason TEXT NOT NULL DEFAULT '',
            absence_has_begun INTEGER NOT NULL DEFAULT 0,
            own_name TEXT,
            model TEXT,
            os_version TEXT,
            is_serial_shared INTEGER NOT NULL DEFAULT 0,
            reported_at INTEGER
        ) STRICT, WITHOUT ROWID;

        INSERT INTO new_device SELECT * FROM device;
        DROP TABLE device;
        ALTER TABLE new_device RENAME TO device;

        CREATE TABLE new_callback (
            position INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            webhook INTEGER NOT NULL REFERENCES webhook (id),
            device TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            event INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (
                state = 'pending' OR state = 'delivered' OR state = 'dead' OR state = 'superseded' OR state = 'dropped'
                OR state = 'cancelled'),
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER,
            settled_at INTEGER CHECK ((settled_at IS NULL) = (state = 'pending')),
            body BLOB NOT NULL,
            -- How it has failed since it was last enqueued.
            steps INTEGER NOT NULL DEFAULT 0,
            rejections INTEGER NOT NULL DEFAULT 0,
            -- Why it was given up.
            ending TEXT CHECK (
                ending = 'rejected' OR ending = 'expired' OR ending = 'superseded' OR ending = 'dropped'
                OR ending = 'cancelled'),
            -- When somebody last had it sent again.
            renewed_at INTEGER,
            headers TEXT
        ) STRICT;

        INSERT INTO new_callback SELECT * FROM callback;
        DROP TABLE callback;
        ALTER TABLE new_callback RENAME TO callback;
        CREATE INDEX callback_settled_at ON callback (settled_at) WHERE settled_at IS NOT NULL AND state <> 'dead';
        CREATE INDEX callback_dead_at ON callback (settled_at) WHERE state = 'dead';

        CREATE TABLE new_session (
            id TEXT NOT NULL PRIMARY KEY,
            device TEXT NOT NULL,
            owner TEXT NOT NULL,
            started_by TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind = 'session' OR kind = 'cleanup' OR kind = 'reserved'),
            labels TEXT NOT NULL,
            is_exclusive INTEGER NOT NULL,
            binding TEXT NOT NULL CHECK (
                binding = 'lease' OR binding = 'process' OR binding = 'connection' OR binding = 'observed'),
            pid INTEGER,
            pid_start INTEGER,
            watcher TEXT,
            started_at INTEGER NOT NULL,
            time_to_live_ms INTEGER,
            idle_boot INTEGER,
            idle_wall INTEGER,
            last_boot INTEGER,
            last_wall INTEGER,
            longest_ms INTEGER,
            ended_at INTEGER,
            end_reason TEXT CHECK ((end_reason IS NULL) = (ended_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        INSERT INTO new_session SELECT * FROM session;
        DROP TABLE session;
        ALTER TABLE new_session RENAME TO session;
        CREATE INDEX session_ended_at ON session (ended_at) WHERE ended_at IS NOT NULL;
        """
}
