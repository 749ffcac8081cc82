import Core
import TestSupport
import Testing

@testable import Store

@Suite struct AuditTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let history: History

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        history = try History(of: store)
    }

    private func commit(_ entries: AuditEntry...) throws {
        var changes = Changes()
        changes.audit = entries
        try store.commit(changes)
    }

    @Test func entries_ComeBackWhole_NewestFirst_InPages() async throws {
        let entries = (1...5).map {
            AuditEntry.sample("webhook \($0)", at: .sample.after(.seconds($0)), before: "{\"a\":\"\0\"}", after: "ü")
        }
        for entry in entries { try commit(entry) }
        let first = try await history.audit(limit: 3)
        #expect(first.map(\.entry) == entries.suffix(3).reversed())
        let second = try await history.audit(before: first.last?.position, limit: 3)
        #expect(second.map(\.entry) == entries.prefix(2).reversed())
        #expect(try await history.audit(before: second.last?.position, limit: 3).isEmpty)
    }

    /// The disk answers with an error and has stored it after all; the same changes come again.
    @Test func sameEntryTwice_IsStoredOnce() async throws {
        let entry = AuditEntry.sample("webhook 1", at: .sample, before: "a", after: "b")
        let again = AuditEntry.sample("webhook 1", at: .sample, before: "b", after: "a")
        try commit(entry, again)
        try commit(entry, again)
        #expect(try await history.audit(limit: 10).map(\.entry) == [again, entry])
    }

    @Test(arguments: [0, 1, 2, 3])
    func longText_IsCutBetweenTwoCodePoints_AndSaysSo(_ shift: Int) async throws {
        let exact = String(repeating: "x", count: 8_192)
        let long = String(repeating: "x", count: shift) + String(repeating: "😀", count: 3_000)
        try commit(.sample("webhook 1", at: .sample, before: exact, after: long))
        let entry = try #require(try await history.audit(limit: 1).first?.entry)
        #expect(entry.before == exact)
        #expect(entry.after.utf8.count <= 8_192)
        #expect(entry.after.utf8.count > 8_192 - 4 - 3)
        #expect(entry.after.hasSuffix("😀…"))
        #expect(long.hasPrefix(entry.after.dropLast()))
    }

    @Test func batchesPutTogether_KeepEveryEntryInOrder() async throws {
        var first = Changes()
        first.audit = [.sample("webhook 1", at: .sample)]
        var second = Changes()
        second.audit = [.sample("webhook 2", at: .sample)]
        #expect(!first.isEmpty)
        try store.commit(first.followed(by: second))
        #expect(try await history.audit(limit: 10).map(\.entry) == second.audit + first.audit)
    }
}
