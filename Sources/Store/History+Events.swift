package import Core
internal import FoundationEssentials
internal import GRDB

extension History {
    /// The events after that one, ascending.
    ///
    /// What retention has removed is missing without a word: compare with `eventBounds`, asked for afterwards. With a
    /// device, this looks at every event on the way: 5 ms for 100,000, when the device has had few of them.
    package func events(
        after: EventNumber, limit: Int, device: UDID? = nil
    ) async throws(StoreError) -> [RecordedEvent] {
        try await read { db in
            try db.events(
                """
                SELECT number, at, device, name, device_group, previous, status, reason, is_silent, platform, port,
                    session, session_owner, session_kind, session_end
                FROM event WHERE number > :bound AND (:device IS NULL OR device = CAST(:device AS TEXT))
                ORDER BY number LIMIT :limit
                """,
                bound: after.value, device: device, limit: limit)
        }
    }

    /// The last events before that one, or of all, descending. Costs what `events` costs.
    package func latestEvents(
        before: EventNumber? = nil, limit: Int, device: UDID? = nil
    ) async throws(StoreError) -> [RecordedEvent] {
        try await read { db in
            try db.events(
                """
                SELECT number, at, device, name, device_group, previous, status, reason, is_silent, platform, port,
                    session, session_owner, session_kind, session_end
                FROM event WHERE number < :bound AND (:device IS NULL OR device = CAST(:device AS TEXT))
                ORDER BY number DESC LIMIT :limit
                """,
                bound: before?.value ?? .max, device: device, limit: limit)
        }
    }

    /// The oldest and the newest event that are kept; nil when there is none.
    package func eventBounds() async throws(StoreError) -> (oldest: EventNumber, newest: EventNumber)? {
        try await read { db in
            guard let oldest = try db.integer("SELECT min(number) FROM event"),
                let newest = try db.integer("SELECT max(number) FROM event")
            else { return nil }
            return (oldest: EventNumber(oldest), newest: EventNumber(newest))
        }
    }
}

extension Database {
    fileprivate func events(_ sql: String, bound: Int64, device: UDID?, limit: Int) throws -> [RecordedEvent] {
        let rows = try Row.fetchCursor(
            cachedStatement(sql: sql),
            arguments: [
                "bound": bound, "device": device.map { Data($0.description.utf8) }, "limit": History.bounded(limit),
            ])
        var events: [RecordedEvent] = []
        while let row = try rows.next() {
            let event = StatusEvent(
                number: EventNumber(try row.integer(0)), device: UDID(try row.text(2)), name: try row.text(3),
                group: try row.word(4), previous: try row.optionalText(5).flatMap(Status.init),
                status: try row.word(6),
                // A reason that only another version knows is no reason to keep the event back.
                reason: try row.optionalText(7).flatMap(Reason.init), isSilent: try row.integer(8) != 0,
                platform: try row.optionalText(9).flatMap(Platform.init),
                port: try row.optionalText(10).map { PortPath($0) }, session: try row.sessionChange())
            events.append(RecordedEvent(event: event, at: WallTime(milliseconds: try row.integer(1))))
        }
        return events
    }
}

extension Row {
    fileprivate func sessionChange() throws -> SessionChange? {
        guard let id = try optionalText(11) else { return nil }
        return SessionChange(
            id: SessionID(id), owner: try text(12), kind: try word(13),
            end: try optionalText(14) == nil ? nil : try word(14))
    }
}
