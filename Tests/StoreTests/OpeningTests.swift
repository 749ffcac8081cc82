import Core
import Foundation
import GRDB
import Linux
import TestSupport
import Testing

@testable import Store

@Suite struct OpeningTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test func missingDirectory_IsMadeForTheOwnerAlone_WithWhatIsAboveIt() throws {
        let path = directory.path + "/a/b"
        let store = try StateStore(directory: path)
        for made in [directory.path + "/a", path] {
            let mode = try FileManager.default.attributesOfItem(atPath: made)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
        #expect(try store.whole() == Whole())
    }

    /// SQLite makes the file with a rollback journal, before it has its log.
    @Test func file_IsOpened_WhenTheAgentWasKilledWhileItMadeIt() throws {
        let crashed = try directory.crashedInATransaction(after: "")
        #expect(try crashed.files()["plughook.sqlite3-journal"] != nil)
        let store = try StateStore(directory: crashed.state)
        #expect(try store.bind(webhooks: [(7, "A")]).ids == [WebhookID(7)])
    }

    @Test func othersFile_IsRefused_WithItsTransactionUndone() throws {
        let crashed = try directory.crashedInATransaction(after: "CREATE TABLE bookmark (url TEXT)")
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: crashed.state) }
        guard case .notOurs = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try crashed.ask("SELECT name FROM sqlite_schema") as [String?] == ["bookmark"])
    }

    @Test func sizes_AreThoseOfTheFiles() throws {
        let store = try StateStore(directory: directory.state)
        _ = try store.bind(webhooks: [(nil, "A")])
        func size(_ suffix: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: directory.database + suffix)[.size] as? Int
        }
        #expect(store.sizes.log > 0)
        #expect(try store.sizes == (size(""), size("-wal")))
        try store.emptyLog()
        #expect(store.sizes.log == 0)
        #expect(store.sizes.database > 4_096)
        #expect(try store.sizes == (size(""), size("-wal")))
    }

    @Test func impossibleDirectory_IsNamed_WithTheKernelsReason() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path + "/file"))
        let path = directory.path + "/file/state"
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: path) }
        guard case .directory(path, let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.code == ENOTDIR)
        #expect(error?.description.contains(path) == true)
    }

    /// A process that another thread starts has every descriptor of this one, until it runs its program.
    @Test func directory_IsFreeAgain_thoughAChildHasItsLockStill() throws {
        var store: StateStore? = try StateStore(directory: directory.state)
        let lock = (0..<1_024).first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == directory.state
                + "/lock"
        }
        let inherited = dup(Int32(try #require(lock)))
        defer { close(inherited) }
        withExtendedLifetime(store) {}
        store = nil
        #expect(throws: Never.self) { _ = try StateStore(directory: directory.state) }
    }

    @Test func secondAgent_IsRefused_UntilTheFirstIsGone() throws {
        var first: StateStore? = try StateStore(directory: directory.state)
        #expect(throws: StoreError.inUse(directory: directory.state, pid: getpid())) {
            _ = try StateStore(directory: directory.state)
        }
        #expect(first != nil)
        first = nil
        _ = try StateStore(directory: directory.state)
    }

    @Test func holderWithoutANumber_IsStillRefused() throws {
        let first = try StateStore(directory: directory.state)
        try withExtendedLifetime(first) {
            try Data().write(to: URL(fileURLWithPath: directory.state + "/lock"))
            let error = StoreError.inUse(directory: directory.state, pid: nil)
            #expect(throws: error) { _ = try StateStore(directory: directory.state) }
            #expect(error.description.contains(directory.state))
        }
    }

    /// Why the store sets it itself, and after opening.
    @Test func grdb_LeavesNormal_EvenWhenFullWasAskedForBefore() throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let queue = try DatabaseQueue(path: directory.path + "/plain.sqlite3", configuration: configuration)
        #expect(try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 1)
    }

    @Test func openStore_CommitsThroughToTheDisk() throws {
        for _ in 0..<2 {
            let store = try StateStore(directory: directory.state)
            let settings = try store.perform { db in
                try ["synchronous", "journal_mode", "auto_vacuum", "foreign_keys", "locking_mode", "max_page_count"].map
                {
                    try String.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }
            #expect(settings == ["2", "wal", "2", "1", "normal", "\(StateStore.maximumPages)"])
        }
    }

    @Test func openStore_CanBeReadByAnother() throws {
        let store = try StateStore(directory: directory.state)
        _ = try store.bind(webhooks: [(nil, "A")])
        #expect(try directory.ask("SELECT name FROM webhook") == ["A"])
    }

    @Test func emptyFile_IsANewDatabase() throws {
        try FileManager.default.createDirectory(atPath: directory.state, withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: directory.database))
        #expect(try StateStore(directory: directory.state).whole() == Whole())
    }

    @Test func unreadableFile_IsAnInputOutputError() throws {
        try FileManager.default.createDirectory(atPath: directory.database, withIntermediateDirectories: true)
        let error = #expect(throws: StoreError.self) { _ = try StateStore(directory: directory.state) }
        guard case .io = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
