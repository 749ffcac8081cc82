package import Core
internal import FoundationEssentials
internal import GRDB

extension History {
    /// The deliveries that pass the filter and were committed before that position, or of all, the newest first.
    ///
    /// Looks at every callback on the way: 15 ms for 100,000, when few of them pass the filter.
    package func deliveries(
        _ filter: DeliveryFilter = DeliveryFilter(), before position: Int64? = nil, limit: Int
    ) async throws(StoreError) -> [DeliverySummary] {
        try await read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT position, id, webhook, device, sequence, event, created_at, state, attempts, not_before,
                            settled_at, ending
                        FROM callback WHERE position < :bound AND \(DeliveryFilter.condition)
                        ORDER BY position DESC LIMIT :limit
                        """),
                arguments: filter.arguments + ["bound": position ?? .max, "limit": Self.bounded(limit)])
            var summaries: [DeliverySummary] = []
            while let row = try rows.next() { summaries.append(try row.deliverySummary()) }
            return summaries
        }
    }

    /// All that is kept of one delivery; nil when there is no such callback, or not any more.
    ///
    /// Looks at every attempt that is kept, since they have no index: 2 ms for 50,000.
    package func delivery(_ id: CallbackID) async throws(StoreError) -> DeliveryDetail? {
        try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT position, id, webhook, device, sequence, event, created_at, state, attempts, not_before,
                            settled_at, ending, body, headers
                        FROM callback WHERE id = CAST(:id AS TEXT)
                        """),
                arguments: ["id": Data(id.description.utf8)])
            guard let row else { return nil }
            return DeliveryDetail(
                summary: try row.deliverySummary(), content: try row.content(12),
                attempts: try db.attempts(of: id))
        }
    }
}

extension DeliveryFilter {
    /// Of rows of `callback`; with `arguments`.
    static let condition = """
        (:webhook IS NULL OR webhook = :webhook) AND (:device IS NULL OR device = CAST(:device AS TEXT))
            AND (:state IS NULL OR state = :state) AND (:since IS NULL OR created_at >= :since)
            AND (:until IS NULL OR created_at < :until)
        """

    var arguments: StatementArguments {
        [
            "webhook": webhook?.value, "device": device.map { Data($0.description.utf8) }, "state": state?.rawValue,
            "since": since?.milliseconds, "until": until?.milliseconds,
        ]
    }
}

extension Database {
    fileprivate func attempts(of callback: CallbackID) throws -> [Attempt] {
        let rows = try Row.fetchCursor(
            cachedStatement(
                sql: """
                    SELECT number, started_at, outcome, status_code, detail, duration_us, wire_sends, not_before,
                        name_lookup_us, connect_us, tls_us, first_byte_us, address, answer
                    FROM attempt WHERE callback = CAST(:callback AS TEXT) ORDER BY position
                    """),
            arguments: ["callback": Data(callback.description.utf8)])
        var attempts: [Attempt] = []
        while let row = try rows.next() {
            attempts.append(
                Attempt(
                    callback: callback, number: Int(try row.integer(0)),
                    startedAt: WallTime(milliseconds: try row.integer(1)),
                    // What only another version knows is shown all the same.
                    outcome: Outcome(rawValue: try row.text(2)) ?? .internal,
                    statusCode: try row.decode(Int?.self, atIndex: 3), detail: try row.text(4),
                    duration: .microseconds(try row.integer(5)), wireSends: Int(try row.integer(6)),
                    phases: Phases(
                        nameLookup: try row.microseconds(8), connect: try row.microseconds(9),
                        tls: try row.microseconds(10), firstByte: try row.microseconds(11)),
                    address: try row.optionalText(12),
                    answer: try row.decode(Data?.self, atIndex: 13).map { [UInt8]($0) } ?? [],
                    // What its callback has become since is said there.
                    consequence: try row.time(7).map { .retried(notBefore: $0, Failures()) } ?? .delivered))
        }
        return attempts
    }
}

extension Row {
    fileprivate func deliverySummary() throws -> DeliverySummary {
        DeliverySummary(
            position: try integer(0), id: CallbackID(try text(1)),
            lane: Lane(webhook: WebhookID(try integer(2)), device: UDID(try text(3))), sequence: try integer(4),
            event: EventNumber(try integer(5)), createdAt: WallTime(milliseconds: try integer(6)),
            state: try word(7), attempts: Int(try integer(8)), notBefore: try time(9), settledAt: try time(10),
            ending: try optionalText(11).flatMap(Ending.init))
    }

    fileprivate func microseconds(_ index: Int) throws -> Duration? {
        try decode(Int64?.self, atIndex: index).map { .microseconds($0) }
    }
}
