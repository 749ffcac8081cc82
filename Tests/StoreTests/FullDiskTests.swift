import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Store

@Suite struct FullDiskTests {
    let directory: TemporaryDirectory
    var agent = SampleAgent()
    init() throws { directory = try TemporaryDirectory() }

    private func expectFull(_ body: () throws -> Void) throws {
        let error = try #require(#expect(throws: StoreError.self) { try body() })
        guard case .full = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains("free space"))
    }

    @Test mutating func fileAtItsLimit_RefusesTheTurnWhole_AndGoesOnAfterPruning() throws {
        let store = try StateStore(directory: directory.state, maximumPages: 220)
        let webhooks = try store.bind(webhooks: [(nil, "A")]).ids
        var stored: [Callback] = []
        var changes = agent.changes(100, .phone, to: .offline, for: webhooks)
        while (try? store.commit(changes)) != nil {
            stored += changes.callbacks
            changes = agent.changes(100, .phone, to: .offline, for: webhooks)
        }
        try expectFull { try store.commit(changes) }
        #expect(!stored.isEmpty)
        var restored = try store.whole()
        #expect(restored.pending.map(\.callback) == stored)
        #expect(restored.nextEvent == changes.events[0].event.number)

        // Delivering writes next to nothing, and pruning makes room.
        var delivery = Changes()
        delivery.attempts = stored.prefix(50).map { .sample($0, 1, .accepted) }
        try store.commit(delivery)
        var retention = Retention()
        retention.settledCount = 0
        retention.attemptCount = 0
        retention.eventCount = 0
        while try store.prune(at: .sample, keeping: retention) > 0 {}
        try store.commit(changes)
        restored = try store.whole()
        #expect(restored.pending.map(\.callback) == stored.dropFirst(50) + changes.callbacks)
    }

    @Test(.enabled(if: TinyDisk.isAllowed, "mounting needs root"))
    mutating func fullFileSystem_RefusesTheTurnWhole_AndGoesOnWhenThereIsRoom() throws {
        let disk = try TinyDisk(at: directory.path)
        let store = try StateStore(directory: directory.state)
        let webhooks = try store.bind(webhooks: [(nil, "A")]).ids
        let first = agent.changes(100, .phone, to: .offline, for: webhooks)
        try store.commit(first)
        let filler = directory.path + "/filler"
        try disk.fill(filler)
        let second = agent.changes(100, .phone, to: .offline, for: webhooks)
        try expectFull { try store.commit(second) }
        try expectFull { try store.commit(second) }
        #expect(try store.whole().pending.map(\.callback) == first.callbacks)
        try FileManager.default.removeItem(atPath: filler)
        try store.commit(second)
        #expect(try store.whole().pending.map(\.callback) == first.callbacks + second.callbacks)
    }
}

/// A file system of 1 MiB in memory, for as long as it lives.
private struct TinyDisk: ~Copyable {
    let path: String

    static let isAllowed: Bool = {
        guard let directory = try? TemporaryDirectory(), (try? TinyDisk(at: directory.path)) != nil else {
            return false
        }
        return true
    }()

    init(at path: String) throws {
        guard mount("plughook-test", path, "tmpfs", 0, "size=1m") == 0 else { throw POSIXError(.EPERM) }
        self.path = path
    }

    // MNT_DETACH: the compiler shows it as an enumeration or as a number, depending on what else it has read.
    deinit { umount2(path, 2) }

    /// Writes until there is no room left.
    func fill(_ file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4_096)
        while write(descriptor, page, page.count) > 0 {}
    }
}
