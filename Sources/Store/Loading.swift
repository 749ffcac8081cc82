package import Core
internal import FoundationEssentials
internal import GRDB

/// What was left on disk: where the agent goes on.
package struct Restored: Hashable, Sendable {
    package var devices: [DeviceRecord] = []
    /// When the status of each began, where that is known.
    package var since: [UDID: WallTime] = [:]
    /// Those that live, in the order of their start.
    package var sessions: [StoredSession] = []
    /// Of browsers that are signed in to the page, the oldest first; some may be over.
    package var pageSessions: [PageSession] = []
    package var nextEvent = EventNumber(1)
    /// The next number of each lane that has had one.
    package var nextSequences: [Lane: Int64] = [:]
    /// The last attempts of each webhook, oldest first.
    package var pastAttempts: [WebhookID: [PastAttempt]] = [:]
    /// The webhooks that are suspended.
    package var suspended: Set<WebhookID> = []
    /// The boot in which this was written last.
    package var bootID: String?
    /// The platforms whose sensors this host has had.
    package var sensed: Set<Platform> = []

    package init() {}
}

extension StateStore {
    /// Reads all that a start needs, but for what is pending.
    ///
    /// Call it after `bind`, which may end what there was.
    package func load() throws(StoreError) -> Restored {
        try perform { db in
            var restored = Restored()
            restored.devices = try db.devices()
            restored.since = try db.beginnings()
            restored.sessions = try db.liveSessions()
            restored.pageSessions = try db.pageSessions()
            restored.nextSequences = try db.nextSequences()
            restored.pastAttempts = try db.pastAttempts()
            restored.suspended = Set(
                try Int64.fetchAll(db, sql: "SELECT id FROM webhook WHERE is_suspended").map { WebhookID($0) })
            let last = try db.integer("SELECT max(number) FROM event")
            restored.nextEvent = EventNumber((last ?? 0) + 1)
            restored.bootID = try String.fetchOne(
                db, sql: "SELECT value FROM meta WHERE key = 'boot_id'")
            let sensed = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'sensed'") ?? ""
            restored.sensed = Set(sensed.split(separator: ",").compactMap { Platform(rawValue: String($0)) })
            return restored
        }
    }
}

extension StateStore {
    /// Reads what is pending, in the order in which it was committed, hence in order within each lane; without the contents.
    /// Takes about 0.3 s for 100,000 callbacks.
    ///
    /// Call it after `bind`, which may cancel some of it. One by one, so that a backlog is not twice in memory.
    package func loadPending(_ take: (PendingCallback) -> Void) throws(StoreError) {
        try perform { try $0.pendingCallbacks(take) }
    }

    /// The contents of those that are there.
    package func contents(of ids: [CallbackID]) throws(StoreError) -> [CallbackID: Content] {
        try perform { db in
            var contents: [CallbackID: Content] = [:]
            let statement = try db.cachedStatement(sql: "SELECT body, headers FROM callback WHERE id = CAST(? AS TEXT)")
            for id in ids {
                let row = try Row.fetchOne(statement, arguments: [Data(id.description.utf8)])
                if let row { contents[id] = try row.content(0) }
            }
            return contents
        }
    }
}

extension Database {
    fileprivate func devices() throws -> [DeviceRecord] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT udid, name, platform, port, id_path, reported, reason, absence_until, absence_reason,
                    absence_has_begun, own_name, model, os_version, is_serial_shared
                FROM device ORDER BY udid
                """)
        var devices: [DeviceRecord] = []
        while let row = try rows.next() {
            devices.append(
                DeviceRecord(
                    udid: UDID(try row.text(0)), name: try row.text(1),
                    platform: try row.optionalText(2).flatMap(Platform.init),
                    port: try row.optionalText(3).map { PortPath($0) }, idPath: try row.optionalText(4),
                    facts: PhoneFacts(
                        name: try row.optionalText(10), model: try row.optionalText(11),
                        osVersion: try row.optionalText(12)),
                    reported: try row.optionalText(5).flatMap(Status.init),
                    // A reason that only another version knows is no reason to refuse the device.
                    reason: try row.optionalText(6).flatMap(Reason.init), expectedAbsence: try row.expectedAbsence(),
                    isSerialShared: try row.integer(13) != 0))
        }
        return devices
    }

    fileprivate func beginnings() throws -> [UDID: WallTime] {
        let rows = try Row.fetchCursor(
            self, sql: "SELECT udid, reported_at FROM device WHERE reported IS NOT NULL AND reported_at IS NOT NULL")
        var since: [UDID: WallTime] = [:]
        while let row = try rows.next() {
            since[UDID(try row.text(0))] = WallTime(milliseconds: try row.integer(1))
        }
        return since
    }

    fileprivate func pendingCallbacks(_ take: (PendingCallback) -> Void) throws {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT id, webhook, device, sequence, event, created_at, attempts, not_before, steps, rejections,
                    renewed_at
                FROM callback WHERE settled_at IS NULL ORDER BY position
                """)
        while let row = try rows.next() {
            let callback = Callback(
                id: CallbackID(try row.text(0)),
                lane: Lane(webhook: WebhookID(try row.integer(1)), device: UDID(try row.text(2))),
                sequence: try row.integer(3), event: EventNumber(try row.integer(4)),
                createdAt: WallTime(milliseconds: try row.integer(5)), content: Content(body: []))
            let pending = PendingCallback(
                callback: callback, attempts: Int(try row.integer(6)),
                failures: Failures(steps: Int(try row.integer(8)), rejections: Int(try row.integer(9))),
                notBefore: try row.time(7), renewedAt: try row.time(10))
            take(pending.lean)
        }
    }

    /// More tells nothing new: a day of trying one receiver that is away is 340.
    private static let longestMemory = 5_000

    fileprivate func pastAttempts() throws -> [WebhookID: [PastAttempt]] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT webhook, started_at, outcome, status_code FROM (
                    SELECT position, callback, started_at, outcome, status_code FROM attempt
                    ORDER BY position DESC LIMIT \(Self.longestMemory)) AS past
                JOIN callback ON callback.id = past.callback ORDER BY past.position
                """)
        var attempts: [WebhookID: [PastAttempt]] = [:]
        while let row = try rows.next() {
            let webhook = WebhookID(try row.integer(0))
            guard let outcome = Outcome(rawValue: try row.text(2)) else { continue }
            attempts[webhook, default: []].append(
                PastAttempt(
                    startedAt: WallTime(milliseconds: try row.integer(1)), outcome: outcome,
                    statusCode: try row.decode(Int?.self, atIndex: 3)))
        }
        return attempts
    }

    fileprivate func nextSequences() throws -> [Lane: Int64] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT webhook, device, max(next) FROM (
                    SELECT webhook, device, next_sequence AS next FROM lane
                    UNION ALL SELECT webhook, device, sequence + 1 FROM callback)
                GROUP BY 1, 2
                """)
        var sequences: [Lane: Int64] = [:]
        while let row = try rows.next() {
            let lane = Lane(webhook: WebhookID(try row.integer(0)), device: UDID(try row.text(1)))
            sequences[lane] = try row.integer(2)
        }
        return sequences
    }
}

extension Row {
    /// The columns `body` and, behind it, `headers`.
    func content(_ index: Int) throws -> Content {
        let headers = try optionalText(index + 1)?.split(separator: "\n").map(String.init)
        return Content(body: [UInt8](try decode(Data.self, atIndex: index)), headers: headers ?? [])
    }

    /// Of a row of `device`, in the order in which its columns are read here.
    fileprivate func expectedAbsence() throws -> ExpectedAbsence? {
        guard let until = try time(7) else { return nil }
        return ExpectedAbsence(until: until, reason: try text(8), hasBegun: try integer(9) != 0)
    }
}
