package import Core
internal import GRDB
internal import Linux

extension StateStore {
    /// Stores all of it, or nothing; calls `stored` with the moment at which it is on disk, and then returns. `stored` is not
    /// to use the store.
    ///
    /// Safe to call again with the same changes after a throw, also when the first try did reach the disk after all.
    /// An accepted attempt settles its callback, any other sets when it is due again or that it is dead; one that is
    /// `uncounted` is kept as history alone. What is told of a callback or webhook that is not there any more is dropped. Throws `full`, `io`
    /// or `locked` when the same changes may be tried again later: the agent must say that it is not ready.
    ///
    /// `begun` is what `prepare` has returned; it counts only while the transaction is open in which it was written.
    package func commit(
        _ changes: Changes, beyond begun: Changes = Changes(), stored: (MonotonicTime) -> Void = { _ in }
    ) throws(StoreError) {
        guard !changes.isEmpty else {
            release()
            return stored(.now())
        }
        try perform { db in
            do {
                let written = try db.begin(changes, beyond: begun)
                try db.store(changes, beyond: written, path: path)
                if !changes.events.isEmpty { Failpoint.pass("before-commit") }
                if !changes.attempts.isEmpty { Failpoint.pass("mid-record") }
                try db.run("COMMIT")
            } catch {
                if db.isInsideTransaction { try? db.rollback() }
                throw error
            }
            if !changes.events.isEmpty { Failpoint.pass("after-commit") }
            // Before the connection is given back, for which nobody waits.
            stored(.now())
        }
    }

    /// Begins the transaction of the next `commit`, and writes the devices and events that are known of it already; that one
    /// then has less to do. Nothing of it is on disk, or seen by others, before. End it by that or by `release`, before any
    /// housekeeping, and after a throw.
    ///
    /// Returns what is written; `begun` is what it returned before.
    func prepare(_ beginning: Changes, beyond begun: Changes = Changes()) throws(StoreError) -> Changes {
        try perform { db in
            let written = try db.begin(beginning, beyond: begun)
            try db.storeStatus(beginning, beyond: written, path: path)
            return beginning
        }
    }

    /// Ends a transaction that was prepared for nothing.
    func release() {
        try? perform { db in
            if db.isInsideTransaction { try db.rollback() }
        }
    }
}

extension Database {
    /// Goes on in the transaction in which `begun` was written, if that is open and the changes begin so; else begins
    /// another. Returns what is written in it.
    fileprivate func begin(_ changes: Changes, beyond begun: Changes) throws -> Changes {
        if isInsideTransaction, !changes.begins(with: begun) { try rollback() }
        if isInsideTransaction { return begun }
        try run("BEGIN IMMEDIATE")
        return Changes()
    }

    /// The devices and events that are not as `written` has them.
    fileprivate func storeStatus(_ changes: Changes, beyond written: Changes, path: String) throws {
        for (udid, device) in changes.devices
        where device != written.devices[udid] || changes.since[udid] != written.since[udid] {
            try remember(device, since: changes.since[udid])
        }
        for recorded in changes.events.dropFirst(written.events.count) { try insert(recorded, path: path) }
    }

    fileprivate func store(_ changes: Changes, beyond written: Changes, path: String) throws {
        for device in changes.forgotten {
            try run("DELETE FROM device WHERE udid = ?", [device.description])
        }
        try storeStatus(changes, beyond: written, path: path)
        for callback in changes.callbacks { try insert(callback, path: path) }
        for attempt in changes.attempts { try record(attempt) }
        for givenUp in changes.givenUp { try record(givenUp) }
        for (webhook, isSuspended) in changes.suspensions {
            try run(
                "UPDATE webhook SET is_suspended = ? WHERE id = ? AND NOT is_retired", [isSuspended, webhook.value])
        }
        for entry in changes.audit { try record(entry) }
        for session in changes.sessions.values { try record(session) }
        for (session, ending) in changes.endedSessions { try record(ending, of: session) }
        for (digest, session) in changes.pageSessions { try record(session, of: digest) }
        if let bootID = changes.bootID { try note("boot_id", bootID) }
        if let sensed = changes.sensed { try note("sensed", sensed.map(\.rawValue).sorted().joined(separator: ",")) }
    }

    private func note(_ key: String, _ value: String) throws {
        try run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", [key, value])
    }

    private func remember(_ device: DeviceRecord, since: WallTime?) throws {
        try run(
            """
            INSERT INTO device (
                udid, name, platform, port, id_path, reported, reason, absence_until, absence_reason, absence_has_begun,
                own_name, model, os_version, is_serial_shared, reported_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (udid) DO UPDATE SET name = excluded.name, platform = excluded.platform, port = excluded.port,
                id_path = excluded.id_path, reported = excluded.reported, reason = excluded.reason,
                absence_until = excluded.absence_until, absence_reason = excluded.absence_reason,
                absence_has_begun = excluded.absence_has_begun, own_name = excluded.own_name,
                model = excluded.model, os_version = excluded.os_version,
                is_serial_shared = excluded.is_serial_shared,
                reported_at = coalesce(excluded.reported_at, reported_at)
            """,
            [
                device.udid.description, device.name, device.platform?.rawValue, device.port?.description,
                device.idPath, device.reported?.rawValue, device.reason?.rawValue,
                device.expectedAbsence?.until.milliseconds, device.expectedAbsence?.reason ?? "",
                device.expectedAbsence?.hasBegun ?? false, device.facts.name, device.facts.model,
                device.facts.osVersion, device.isSerialShared, since?.milliseconds,
            ])
    }

    private func insert(_ recorded: RecordedEvent, path: String) throws {
        let event = recorded.event
        let inserted = try run(
            """
            INSERT INTO event (
                number, at, device, name, device_group, previous, status, reason, is_silent, platform, port, session,
                session_owner, session_kind, session_end)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING
            """,
            [
                event.number.value, recorded.at.milliseconds, event.device.description, event.name,
                event.group.rawValue, event.previous?.rawValue, event.status.rawValue, event.reason?.rawValue,
                event.isSilent, event.platform?.rawValue, event.port?.description, event.session?.id.description,
                event.session?.owner, event.session?.kind.rawValue, event.session?.end?.rawValue,
            ])
        guard inserted == 0 else { return }
        // The same again is fine; another event under this number would be lost without a word.
        let isSame = try integer(
            "SELECT at = ? AND device = ? AND status = ? FROM event WHERE number = ?",
            [recorded.at.milliseconds, event.device.description, event.status.rawValue, event.number.value])
        guard isSame == 1 else {
            throw StoreError.inconsistent(path: path, detail: "event \(event.number.value) is there already")
        }
    }

    private func insert(_ callback: Callback, path: String) throws {
        let lane = callback.lane
        let device = lane.device.description
        let inserted = try run(
            """
            INSERT INTO callback (id, webhook, device, sequence, event, created_at, body, headers)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                callback.id.description, lane.webhook.value, device, callback.sequence, callback.event.value,
                callback.createdAt.milliseconds, callback.content.body,
                callback.content.headers.isEmpty ? nil : callback.content.headers.joined(separator: "\n"),
            ])
        guard inserted == 0 else { return }
        let isSame = try integer(
            "SELECT webhook = ? AND device = ? AND sequence = ? FROM callback WHERE id = ?",
            [lane.webhook.value, device, callback.sequence, callback.id.description])
        guard isSame == 1 else {
            throw StoreError.inconsistent(path: path, detail: "callback \(callback.id) is there already")
        }
    }

    private func record(_ attempt: Attempt) throws {
        let id = attempt.callback.description
        let end = attempt.startedAt.milliseconds + attempt.duration.wholeMilliseconds
        let isNew: Bool
        switch attempt.consequence {
        case .delivered: isNew = try settle(id, as: .delivered, because: nil, at: end, attempt: attempt.number)
        case .dead(let ending):
            isNew = try settle(id, as: .dead, because: ending, at: end, attempt: attempt.number)
        case .uncounted:
            // Rare (a shutdown, a deleted webhook), so the scan does no harm.
            isNew =
                try integer(
                    """
                    SELECT EXISTS (SELECT 1 FROM callback WHERE id = ?1)
                        AND NOT EXISTS (SELECT 1 FROM attempt WHERE callback = ?1 AND number = ?2 AND started_at = ?3)
                    """,
                    [id, attempt.number, attempt.startedAt.milliseconds]) == 1
        case .retried(let notBefore, let failures):
            isNew =
                try run(
                    """
                    UPDATE callback SET attempts = ?1, not_before = ?2, steps = ?3, rejections = ?4
                    WHERE id = ?5 AND attempts < ?1
                    """,
                    [attempt.number, notBefore.milliseconds, failures.steps, failures.rejections, id]) == 1
        }
        guard isNew else { return }
        let phases = attempt.phases
        try run(
            """
            INSERT INTO attempt (
                callback, number, started_at, outcome, status_code, detail, duration_us, wire_sends, not_before,
                name_lookup_us, connect_us, tls_us, first_byte_us, address, answer)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, attempt.number, attempt.startedAt.milliseconds, attempt.outcome.rawValue, attempt.statusCode,
                attempt.detail, attempt.duration.microseconds, attempt.wireSends, attempt.notBefore?.milliseconds,
                phases.nameLookup?.microseconds, phases.connect?.microseconds, phases.tls?.microseconds,
                phases.firstByte?.microseconds, attempt.address, attempt.answer.isEmpty ? nil : attempt.answer,
            ])
    }

    /// False when it is on record already. One that was cancelled while it was on its way stays so, with the attempt in its
    /// history.
    private func settle(
        _ id: String, as state: DeliveryState, because ending: Ending?, at moment: Int64, attempt: Int
    ) throws -> Bool {
        try run(
            """
            UPDATE callback SET attempts = ?1, not_before = NULL, settled_at = coalesce(settled_at, ?2),
                state = CASE state WHEN 'pending' THEN ?3 ELSE state END,
                ending = CASE state WHEN 'pending' THEN ?4 ELSE ending END
            WHERE id = ?5 AND attempts < ?1
            """,
            [attempt, moment, state.rawValue, ending?.rawValue, id]) == 1
    }

    private func record(_ givenUp: GivenUp) throws {
        try run(
            """
            UPDATE callback SET state = ?, ending = ?, settled_at = ?, not_before = NULL
            WHERE id = ? AND state = 'pending'
            """,
            [
                givenUp.ending.state.rawValue, givenUp.ending.rawValue, givenUp.at.milliseconds,
                givenUp.callback.description,
            ])
    }
}

extension Duration {
    fileprivate var microseconds: Int64 { wholeNanoseconds / 1_000 }
}
