import Core
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Store

/// What an older version has left goes on; the migrations are only ever added to.
@Suite struct MigrationTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    /// As version 1 of the tables would be left, with a webhook in force, one retired, and a callback that waits.
    private func makeFirstVersion() throws {
        try FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
        var configuration = Configuration()
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: directory.database, configuration: configuration)
        try Schema.migrator.migrate(queue, upTo: "1")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO webhook VALUES (3, 'A', 0), (4, 'B', 1);
                    INSERT INTO device (udid, name, reported) VALUES ('x', 'Pixel', 'offline');
                    INSERT INTO device (udid, name, reported) VALUES ('y', 'Galaxy', 'online');
                    INSERT INTO event VALUES (5, 3, 'x', 'Pixel', 'private', 'offline', 'online', NULL, 0, NULL, NULL);
                    INSERT INTO event VALUES (6, 4, 'y', 'Galaxy', 'private', 'online', 'offline', NULL, 0, NULL, NULL);
                    INSERT INTO event VALUES (7, 5, 'x', 'Pixel', 'private', 'online', 'offline', NULL, 0, NULL, NULL);
                    INSERT INTO callback (id, webhook, device, sequence, event, created_at, body)
                    VALUES ('msg_1', 3, 'x', 9, 7, 5, x'7b7d');
                    """)
        }
        try queue.close()
    }

    private func expectAllThere(_ state: String) async throws {
        let store = try StateStore(directory: state)
        let ids = try store.bind(webhooks: [(nil, "A")]).ids
        #expect(ids == [WebhookID(3)])
        let restored = try store.whole()
        #expect(
            restored.devices == [
                DeviceRecord(udid: UDID("x"), name: "Pixel", reported: .offline),
                DeviceRecord(udid: UDID("y"), name: "Galaxy", reported: .online),
            ])
        #expect(restored.since == [UDID("x"): WallTime(milliseconds: 5)])
        #expect(restored.pending.map(\.callback.id) == [CallbackID("msg_1")])
        #expect(restored.nextEvent == EventNumber(8))
        #expect(restored.nextSequences == [Lane(webhook: ids[0], device: UDID("x")): 10])
        #expect(restored.suspended.isEmpty)
        var changes = Changes()
        changes.suspensions = [ids[0]: true]
        changes.audit = [.sample("webhook 3", at: .sample)]
        try store.commit(changes)
        #expect(try store.whole().suspended == [ids[0]])
        #expect(try await History(of: store).audit(limit: 1).count == 1)
        #expect(try store.bind(webhooks: [(nil, "B")]).ids == [WebhookID(4)])
    }

    @Test func databaseOfTheFirstVersion_GoesOnWithAllThatItHas() async throws {
        try makeFirstVersion()
        try await expectAllThere(directory.state)
        // And it is not migrated a second time.
        _ = try StateStore(directory: directory.state)
        #expect(
            try directory.ask("SELECT identifier FROM grdb_migrations ORDER BY rowid") == [
                "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
            ])
    }

    /// The version before crashed: what it committed last is still in the log.
    @Test func databaseOfTheFirstVersion_WithItsLog_GoesOnToo() async throws {
        try makeFirstVersion()
        let queue = try DatabaseQueue(path: directory.database)
        try await queue.write { try $0.execute(sql: "UPDATE device SET name = name") }
        let crashed = try directory.crashed()
        #expect(FileManager.default.fileExists(atPath: crashed.database + "-wal"))
        try await expectAllThere(crashed.state)
    }

    /// The last tables that were made anew: every row comes over as it was.
    @Test func databaseOfTheTenthVersion_KeepsEveryRow() throws {
        try FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: directory.database)
        try Schema.migrator.migrate(queue, upTo: "10")
        let before = try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO webhook (id, name) VALUES (3, 'A');
                    INSERT INTO device VALUES ('x', 'Pixel', 'android', '1-4', 'pci', 'offline', 'rebooting', 9, 'why', 1,
                        'mine', 'P9', '16', 1, 8);
                    INSERT INTO device (udid, name) VALUES ('y', 'never reported');
                    INSERT INTO callback VALUES (5, 'msg_1', 3, 'x', 9, 7, 5, 'dead', 4, NULL, 6, x'7b7d', 2, 1, 'expired', 3,
                        'ce-id: 1');
                    INSERT INTO callback VALUES (8, 'msg_2', 3, 'x', 10, 8, 5, 'pending', 1, 77, NULL, x'00', 1, 0, NULL, NULL,
                        NULL);
                    INSERT INTO session VALUES ('s', 'x', 'ci', 'uid 0', 'reserved', '{}', 1, 'process', 7, 8, NULL, 1, 2, 3, 4,
                        5, 6, 7, 8, 'lost');
                    INSERT INTO session VALUES ('t', 'x', 'ci', 'uid 0', 'cleanup', '{}', 0, 'observed', NULL, NULL, 'w', 1,
                        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
                    """)
            return try rows(db)
        }
        try queue.close()
        let store = try StateStore(directory: directory.state)
        #expect(try store.perform(rows) == before)
        #expect(before.map(\.count) == [2, 2, 2])
        #expect(try directory.ask("PRAGMA integrity_check") == ["ok"])
        #expect(try directory.ask("SELECT count(*) FROM pragma_foreign_key_check") == [0])
    }

    private func rows(_ db: Database) throws -> [[Row]] {
        try ["device", "callback", "session"].map { try Row.fetchAll(db, sql: "SELECT * FROM \($0) ORDER BY 1") }
    }
}
