package import Core
internal import GRDB
internal import Linux

extension StateStore {
    /// Gives each webhook of the configuration its number, in the order given. One transaction.
    ///
    /// A definition with an id is that webhook, by whatever name it goes now, also when the database has never heard of
    /// it. One without is the webhook of the same name, byte for byte: the one in force or, when there is none, the
    /// retired one with the highest id; else it is new and gets a number that no webhook has ever had. What is not
    /// listed is retired: it keeps its number and its lanes, and its pending callbacks are cancelled at `now`. Ids and
    /// names are each given once; `Configuration` has seen to that. To be called between commits, not beside one.
    package func bind(
        webhooks: [(id: Int64?, name: String)], now: WallTime = .now()
    ) throws(StoreError) -> [WebhookID] {
        try perform { db in
            var ids: [Int64?] = webhooks.map(\.id)
            try db.inTransaction(.immediate) {
                // The given ids first: they free their old names, and later numbers start above them.
                for case (let id?, let name) in webhooks { try db.name(id, name) }
                var taken = Set(ids.compactMap(\.self))
                for (index, webhook) in webhooks.enumerated() where webhook.id == nil {
                    let id = try db.identify(webhook.name, apartFrom: taken)
                    taken.insert(id)
                    ids[index] = id
                }
                try db.retireAll(but: taken, at: now)
                return .commit
            }
            return ids.compactMap { $0.map { WebhookID($0) } }
        }
    }
}

extension Database {
    fileprivate func name(_ id: Int64, _ name: String) throws {
        try run(
            """
            INSERT INTO webhook (id, name) VALUES (?, CAST(? AS TEXT))
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_retired = 0
            WHERE name <> excluded.name OR is_retired
            """,
            [id, bytes(name)])
    }

    fileprivate func identify(_ name: String, apartFrom taken: Set<Int64>) throws -> Int64 {
        let known = try Int64.fetchAll(
            self, sql: "SELECT id FROM webhook WHERE name = CAST(? AS TEXT) ORDER BY is_retired, id DESC",
            arguments: [bytes(name)])
        if let id = known.first(where: { !taken.contains($0) }) {
            try run("UPDATE webhook SET is_retired = 0 WHERE id = ? AND is_retired", [id])
            return id
        }
        try run("INSERT INTO webhook (name) VALUES (CAST(? AS TEXT))", [bytes(name)])
        return lastInsertedRowID
    }

    fileprivate func retireAll(but listed: Set<Int64>, at now: WallTime) throws {
        for id in try Int64.fetchAll(self, sql: "SELECT id FROM webhook WHERE NOT is_retired")
        where !listed.contains(id) {
            try run("UPDATE webhook SET is_retired = 1 WHERE id = ?", [id])
        }
        // All retired ones: a commit that was under way when its webhook went may have added some.
        try run(
            """
            UPDATE callback SET state = 'cancelled', settled_at = ?, not_before = NULL
            WHERE settled_at IS NULL AND webhook IN (SELECT id FROM webhook WHERE is_retired)
            """,
            [now.milliseconds])
    }
}
