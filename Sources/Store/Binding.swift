package import Core
internal import FoundationEssentials
internal import GRDB
internal import Linux

/// The numbers of the webhooks that were bound, and what that has ended.
package struct Binding: Hashable, Sendable {
    /// In the order in which the webhooks were given.
    package let ids: [WebhookID]
    /// How many callbacks that still waited were cancelled, for each webhook that is not among them.
    package let cancelled: [WebhookID: Int]
}

extension StateStore {
    /// Gives each webhook of the configuration its number, in the order given. One transaction.
    ///
    /// A definition with an id is that webhook, by whatever name it goes now, also when the database has never heard of
    /// it. One without is the webhook of the same name, byte for byte: the one in force or, when there is none, the
    /// retired one with the highest id; else it is new and gets a number that no webhook has ever had. What is not
    /// listed is retired: it keeps its number and its lanes, is suspended no longer, and its pending callbacks are
    /// cancelled at `now`. Ids and names are each given once; `Configuration` has seen to that. To be called between
    /// commits, not beside one.
    package func bind(
        webhooks: [(id: Int64?, name: String)], now: WallTime = .now()
    ) throws(StoreError) -> Binding {
        try perform { db in
            var ids: [Int64?] = webhooks.map(\.id)
            var cancelled: [WebhookID: Int] = [:]
            try db.inTransaction(.immediate) {
                // The given ids first: they free their old names, and later numbers start above them.
                for case (let id?, let name) in webhooks { try db.name(id, name) }
                var taken = Set(ids.compactMap(\.self))
                for (index, webhook) in webhooks.enumerated() where webhook.id == nil {
                    let id = try db.identify(webhook.name, apartFrom: taken)
                    taken.insert(id)
                    ids[index] = id
                }
                try db.retireAll(but: taken)
                cancelled = try db.cancelRetired(at: now)
                return .commit
            }
            return Binding(ids: ids.compactMap { $0.map { WebhookID($0) } }, cancelled: cancelled)
        }
    }

    /// Takes a number for a webhook that is to be defined with it, and comes into force when it is bound.
    ///
    /// It belongs to no name until then, and to nothing ever after when that does not happen. To be called between
    /// commits, not beside one.
    package func reserveWebhook() throws(StoreError) -> WebhookID {
        try perform { db in
            // No webhook is named thus, so that no definition without an id is taken for it.
            try db.run("INSERT INTO webhook (name, is_retired) VALUES ('', 1)")
            return WebhookID(db.lastInsertedRowID)
        }
    }
}

extension Database {
    fileprivate func name(_ id: Int64, _ name: String) throws {
        try run(
            """
            INSERT INTO webhook (id, name) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_retired = 0
            WHERE name <> excluded.name OR is_retired
            """,
            [id, name])
    }

    fileprivate func identify(_ name: String, apartFrom taken: Set<Int64>) throws -> Int64 {
        let known = try Int64.fetchAll(
            self, sql: "SELECT id FROM webhook WHERE name = CAST(? AS TEXT) ORDER BY is_retired, id DESC",
            arguments: [Data(name.utf8)])
        if let id = known.first(where: { !taken.contains($0) }) {
            try run("UPDATE webhook SET is_retired = 0 WHERE id = ? AND is_retired", [id])
            return id
        }
        try run("INSERT INTO webhook (name) VALUES (?)", [name])
        return lastInsertedRowID
    }

    fileprivate func retireAll(but listed: Set<Int64>) throws {
        for id in try Int64.fetchAll(self, sql: "SELECT id FROM webhook WHERE NOT is_retired")
        where !listed.contains(id) {
            try run("UPDATE webhook SET is_retired = 1, is_suspended = 0 WHERE id = ?", [id])
        }
    }

    /// For all retired ones: a commit that was under way when its webhook went may have added some.
    fileprivate func cancelRetired(at now: WallTime) throws -> [WebhookID: Int] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT webhook, count(*) FROM callback
                WHERE settled_at IS NULL AND webhook IN (SELECT id FROM webhook WHERE is_retired) GROUP BY webhook
                """)
        var waiting: [WebhookID: Int] = [:]
        while let row = try rows.next() { waiting[WebhookID(try row.integer(0))] = Int(try row.integer(1)) }
        // Mostly there is none, and one scan is enough.
        guard !waiting.isEmpty else { return [:] }
        try run(
            """
            UPDATE callback SET state = 'cancelled', ending = 'cancelled', settled_at = ?, not_before = NULL
            WHERE settled_at IS NULL AND webhook IN (SELECT id FROM webhook WHERE is_retired)
            """,
            [now.milliseconds])
        return waiting
    }
}
