package import Core
internal import FoundationEssentials
internal import GRDB

/// Callbacks that are to be sent again; what is nil does not matter.
package struct Redelivery: Hashable, Sendable {
    package var id: CallbackID?
    package var filter = DeliveryFilter()
    /// Committed after that position: what came before is done.
    package var after: Int64 = 0

    package init() {}

    /// The most that one call takes: a few milliseconds, which a commit that comes meanwhile has to wait.
    package static let slice = 500
}

/// What one slice of a redelivery has come to.
package struct Renewed: Hashable, Sendable {
    /// Pending again, in the order in which they were committed.
    package let callbacks: [PendingCallback]
    /// The position of the last one, to go on after; nil when that was all.
    package let next: Int64?
}

extension StateStore {
    /// Makes the first callbacks that are meant pending again, as if they had never failed, and returns them. One
    /// transaction.
    ///
    /// Meant are those that are settled and whose webhook is in force. Id, bytes and place in the lane stay, and the attempts
    /// are counted on. To be called between commits, not beside one. At most `Redelivery.slice`.
    package func renew(_ meant: Redelivery, limit: Int, at now: WallTime) throws(StoreError) -> Renewed {
        try perform { db in
            var renewed = Renewed(callbacks: [], next: nil)
            try db.inTransaction(.immediate) {
                renewed = try db.renew(meant, limit: max(0, min(limit, Redelivery.slice)), at: now)
                return .commit
            }
            return renewed
        }
    }
}

extension History {
    /// How many callbacks are meant.
    package func count(_ meant: Redelivery) async throws(StoreError) -> Int {
        try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM callback WHERE \(meant.condition)", arguments: meant.arguments)
                ?? 0
        }
    }

    /// How many callbacks are in that state. Takes about a millisecond for 50,000 that are dead.
    package func count(_ state: DeliveryState) async throws(StoreError) -> Int {
        try await read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM callback WHERE state = '\(state.rawValue)'") ?? 0
        }
    }
}

extension Redelivery {
    fileprivate var condition: String {
        """
        settled_at IS NOT NULL AND position > :after AND (:id IS NULL OR id = CAST(:id AS TEXT))
            AND \(DeliveryFilter.condition) AND webhook IN (SELECT id FROM webhook WHERE NOT is_retired)
        """
    }

    fileprivate var arguments: StatementArguments {
        filter.arguments + ["after": after, "id": id.map { Data($0.description.utf8) }]
    }
}

extension Database {
    fileprivate func renew(_ meant: Redelivery, limit: Int, at now: WallTime) throws -> Renewed {
        let rows = try Row.fetchAll(
            self,
            sql: """
                SELECT position, id, webhook, device, sequence, event, created_at, body, headers, attempts FROM callback
                WHERE \(meant.condition) ORDER BY position LIMIT \(limit + 1)
                """,
            arguments: meant.arguments)
        var callbacks: [PendingCallback] = []
        for row in rows.prefix(limit) {
            let callback = Callback(
                id: CallbackID(try row.text(1)),
                lane: Lane(webhook: WebhookID(try row.integer(2)), device: UDID(try row.text(3))),
                sequence: try row.integer(4), event: EventNumber(try row.integer(5)),
                createdAt: WallTime(milliseconds: try row.integer(6)),
                content: try row.content(7))
            callbacks.append(
                PendingCallback(callback: callback, attempts: Int(try row.integer(9)), renewedAt: now))
            try run(
                """
                UPDATE callback SET state = 'pending', settled_at = NULL, ending = NULL, not_before = NULL, steps = 0,
                    rejections = 0, renewed_at = ?
                WHERE position = ?
                """,
                [now.milliseconds, try row.integer(0)])
        }
        let last = rows.count > limit && limit > 0 ? try rows[limit - 1].integer(0) : nil
        return Renewed(callbacks: callbacks, next: last)
    }
}
