import Core
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Store

/// Files that the store must not write to: refused, and left as they are to the last byte.
@Suite struct RefusalTests {
    enum Fault: CaseIterable {
        case text, shortText, otherProgram, newer, newerWithLog, truncated, scribbledWithLog
    }

    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: Fault.allCases)
    func unusableFile_IsRefused_AndUntouched(_ fault: Fault) throws {
        let faulty = try make(fault)
        let before = try faulty.files()
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: faulty.state) }
        switch (fault, error) {
        case (.text, .notOurs), (.shortText, .notOurs), (.otherProgram, .notOurs), (.newer, .newerSchema),
            (.newerWithLog, .newerSchema), (.truncated, .corrupt), (.scribbledWithLog, .corrupt):
            break
        default: Issue.record("\(fault): \(String(describing: error))")
        }
        #expect(error?.description.contains(faulty.database) == true)
        var after = try faulty.files()
        // The index of the log is the only thing that reading may make; it holds nothing of its own.
        if before["plughook.sqlite3-shm"] == nil, before["plughook.sqlite3-wal"] != nil {
            after["plughook.sqlite3-shm"] = nil
        }
        #expect(after == before)
    }

    @Test(arguments: Fault.allCases)
    func unusableFile_IsMovedAside_WhenAskedTo(_ fault: Fault) throws {
        let faulty = try make(fault)
        let before = try faulty.files()
        let store = try StateStore(directory: faulty.state, moveAside: true, now: .sample)
        let moved = try #require(store.movedAside)
        #expect(moved == faulty.state + "/plughook-20230106T045236Z.sqlite3")
        #expect(try store.whole() == Whole())
        let after = try faulty.files()
        #expect(after["plughook-20230106T045236Z.sqlite3"] == before["plughook.sqlite3"])
        #expect(after["plughook-20230106T045236Z.sqlite3-wal"] == before["plughook.sqlite3-wal"])
    }

    @Test func goodFile_IsNotMovedAside() throws {
        _ = try StateStore(directory: directory.state).bind(webhooks: [(7, "A")])
        let store = try StateStore(directory: directory.state, moveAside: true)
        #expect(store.movedAside == nil)
        #expect(try store.bind(webhooks: [(nil, "A")]).ids == [WebhookID(7)])
    }

    @Test func secondFileMovedInTheSameSecond_GetsAnotherName() throws {
        var names: Set<String?> = []
        for _ in 0..<2 {
            try? FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
            try Data("not a database at all, and longer than a header\n".utf8).write(
                to: URL(fileURLWithPath: directory.database))
            names.insert(try StateStore(directory: directory.state, moveAside: true, now: .sample).movedAside)
        }
        #expect(names.count == 2)
    }

    /// Pages that nobody looks at while opening: found when they are read, told by the same error, and no trap.
    @Test func pagesScribbledOver_AreAnErrorOfLoading() throws {
        try Self.fill(directory.state)
        let file = URL(fileURLWithPath: directory.database)
        var bytes = try Data(contentsOf: file)
        // The first pages say what is where.
        for page in 8..<bytes.count / 4_096 { bytes.resetBytes(in: page * 4_096..<page * 4_096 + 4_096) }
        try bytes.write(to: file)
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: directory.state).whole() }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Some 100 pages of callbacks, closed in order.
    private static func fill(_ state: String) throws {
        let store = try StateStore(directory: state)
        let webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
        var agent = SampleAgent()
        try store.commit(agent.changes(1_000, .phone, to: .offline, for: webhooks))
    }

    private func make(_ fault: Fault) throws -> TemporaryDirectory {
        let url = URL(fileURLWithPath: directory.database)
        switch fault {
        case .text, .shortText:
            try FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
            let text = String(repeating: "This is no database. ", count: fault == .text ? 1_000 : 1)
            try Data(text.utf8).write(to: url)
        case .otherProgram:
            try FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
            try directory.tamper("CREATE TABLE bookmark (url TEXT)")
        case .newer:
            try Self.fill(directory.state)
            try directory.tamper("INSERT INTO grdb_migrations VALUES ('of a later version')")
        case .newerWithLog:
            let store = try StateStore(directory: directory.state)
            try store.perform { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of a later version')") }
            return try directory.crashed()
        case .truncated:
            try Self.fill(directory.state)
            let bytes = try Data(contentsOf: url)
            try bytes.prefix(bytes.count / 2).write(to: url)
        case .scribbledWithLog:
            try Self.fill(directory.state)
            let store = try StateStore(directory: directory.state)
            let crashed = try withExtendedLifetime(store) { try directory.crashed() }
            let scribbled = URL(fileURLWithPath: crashed.database)
            var bytes = try Data(contentsOf: scribbled)
            for page in 20..<30 { bytes.resetBytes(in: page * 4_096..<page * 4_096 + 2_048) }
            try bytes.write(to: scribbled)
            return crashed
        }
        return directory
    }
}
