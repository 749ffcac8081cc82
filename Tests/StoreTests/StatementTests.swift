import Core
import GRDB
import Linux
import TestSupport
import Testing

@testable import Store

/// What SQLite makes of the statements that a callback waits for.
@Suite struct StatementTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let webhook: WebhookID
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        webhook = try #require(try store.bind(webhooks: [(nil, "A")]).ids.first)
    }

    /// The statements that SQLite ran for a commit, each once.
    private func statements(of changes: Changes) throws -> Set<String> {
        let traced = Locked<Set<String>>([])
        try store.perform { db in
            db.trace(options: .statement) { event in
                if case .statement(let statement) = event { traced.withLock { _ = $0.insert(statement.sql) } }
            }
        }
        try store.commit(changes)
        try store.perform { $0.trace(options: .statement, nil) }
        return traced.withLock { $0 }
    }

    private func operations(of statement: String) throws -> [String] {
        try store.perform { db in
            let explained = try db.makeStatement(sql: "EXPLAIN \(statement)")
            explained.setUncheckedArguments(StatementArguments())
            return try Row.fetchAll(explained).map { $0["opcode"] }
        }
    }

    /// Three tables in memory, for the words that columns may hold, were made and thrown away with each removal.
    @Test mutating func commit_MakesNoTableOfItsOwn() throws {
        let first = agent.change(.phone, to: .online, for: [webhook])
        try store.commit(first)
        var changes = agent.change(.phone, to: .offline, for: [webhook])
        changes.attempts = [.sample(first.callbacks[0], 1, .accepted), .sample(changes.callbacks[0], 1, .http5xx)]
        changes.givenUp = [GivenUp(changes.callbacks[0].id, as: .cancelled, at: .sample)]
        let now = ClockReading.now()
        let session = Session(
            id: SessionID("s"), owner: "ci", startedBy: "uid 0", kind: .session, labels: [:], isExclusive: true,
            binding: .lease, startedAt: now.monotonic, timeToLive: nil, lastDeadline: nil, idleDeadline: nil)
        changes.keep(StoredSession(session, on: .phone, at: now))
        changes.end(SessionID("t"), SessionEnding(reason: .released, at: .sample))
        changes.suspensions = [webhook: true]
        let statements = try statements(of: changes)
        for table in ["device", "event", "callback", "attempt", "session", "webhook"] {
            #expect(statements.contains { $0.contains(" \(table) ") }, "nothing was written to \(table)")
        }
        for statement in statements {
            let operations = try operations(of: statement)
            #expect(
                !operations.contains { ["OpenEphemeral", "OpenAutoindex", "SorterOpen"].contains($0) }, "\(statement)")
        }
    }

    @Test(arguments: [
        "UPDATE device SET reported = 'away'", "UPDATE callback SET state = 'lost'",
        "UPDATE callback SET ending = 'lost'",
        "UPDATE session SET kind = 'party'", "UPDATE session SET binding = 'rope'",
    ])
    mutating func wordThatNobodyWrites_IsRefused(_ statement: String) throws {
        try store.commit(agent.change(.phone, to: .online, for: [webhook]))
        try store.perform { db in
            try db.execute(
                sql: """
                    INSERT INTO session (id, device, owner, started_by, kind, labels, is_exclusive, binding, started_at)
                    VALUES ('s', 'x', 'ci', 'uid 0', 'session', '{}', 1, 'lease', 5)
                    """)
        }
        #expect(throws: StoreError.self) { try store.perform { try $0.execute(sql: statement) } }
    }
}
