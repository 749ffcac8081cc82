import Core
import GRDB
import TestSupport
import Testing

@testable import Store

/// What is written of a batch before the rest of it is known.
@Suite struct PreparationTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let webhooks: [WebhookID]
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        webhooks = try store.bind(webhooks: [(nil, "A")]).ids
    }

    private mutating func batch(_ udid: UDID = .phone, to status: Status = .offline) -> (begun: Changes, whole: Changes)
    {
        let whole = agent.change(udid, to: status, for: webhooks)
        return (whole.beginning, whole)
    }

    private func rowsWritten(by body: () throws -> Void) throws -> Int {
        let count = { [store] in try store.perform { $0.totalChangesCount } }
        let before = try count()
        try body()
        return try count() - before
    }

    private func isOnDisk(_ batch: Changes) throws {
        let restored = try store.whole()
        #expect(Set(restored.devices) == Set(batch.devices.values))
        #expect(restored.since == batch.since)
        #expect(restored.pending.map(\.callback) == batch.callbacks)
        #expect(try directory.ask("SELECT number FROM event ORDER BY number") == batch.events.map(\.event.number.value))
    }

    @Test mutating func beginning_IsWrittenOnce_AndIsThereWithItsBatch() throws {
        let (begun, whole) = batch()
        #expect(try rowsWritten { _ = try store.prepare(begun) } == 2, "the device and the event")
        #expect(try directory.number("SELECT count(*) FROM event") == 0)
        #expect(try directory.crashed().number("SELECT count(*) FROM device") == 0)
        #expect(try rowsWritten { try store.commit(whole, beyond: begun) } == 1, "the callback")
        try isOnDisk(whole)
    }

    @Test mutating func whatIsDecidedAfterTheBeginning_IsTheLastWord() throws {
        let (begun, first) = batch()
        #expect(try store.prepare(begun) == begun)
        let other = agent.change(.other, to: .online, for: webhooks)
        let whole = first.followed(by: other).followed(by: agent.change(.phone, to: .unplugged, for: webhooks))
        try store.commit(whole, beyond: begun)
        try isOnDisk(whole)
        #expect(try directory.ask("SELECT reported FROM device ORDER BY udid") == ["online", "unplugged"])
    }

    @Test mutating func deviceThatIsForgottenAfterTheBeginning_IsNotThere() throws {
        var (begun, whole) = batch()
        #expect(try store.prepare(begun) == begun)
        whole.forget(.phone)
        try store.commit(whole, beyond: begun)
        try isOnDisk(whole)
    }

    @Test mutating func beginning_Grows() throws {
        let (begun, first) = batch()
        #expect(try store.prepare(begun) == begun)
        let (more, second) = batch(.other, to: .online)
        let grown = begun.followed(by: more)
        #expect(try rowsWritten { _ = try store.prepare(grown, beyond: begun) } == 2)
        let whole = first.followed(by: second)
        #expect(try rowsWritten { try store.commit(whole, beyond: grown) } == 2)
        try isOnDisk(whole)
    }

    @Test mutating func beginningThatWasTakenBack_IsWrittenWithItsBatch() throws {
        let (begun, whole) = batch()
        #expect(try store.prepare(begun) == begun)
        store.release()
        try store.commit(whole, beyond: begun)
        try isOnDisk(whole)
    }

    /// A transaction that was begun since has nothing of it.
    @Test mutating func beginningThatWasTakenBack_DoesNotCountInTheNextTransaction() throws {
        let (begun, whole) = batch()
        let stale = try store.prepare(begun)
        store.release()
        let written = try store.prepare(Changes(), beyond: stale)
        #expect(written.isEmpty)
        try store.commit(whole, beyond: written)
        try isOnDisk(whole)
    }

    @Test mutating func beginningOfAnotherBatch_IsNotKept() throws {
        let (begun, _) = batch()
        let (next, other) = batch(.other, to: .online)
        #expect(try store.prepare(begun) == begun)
        #expect(try store.prepare(next, beyond: begun) == next)
        try store.commit(other, beyond: next)
        try isOnDisk(other)
        var unheard = Changes()
        unheard.remember(.sample(.phone, .online))
        #expect(try store.prepare(unheard) == unheard)
        let later = agent.change(.other, to: .offline, for: webhooks)
        try store.commit(later, beyond: unheard)
        #expect(try store.whole().devices.map(\.udid) == [.other])
    }

    @Test mutating func stored_IsCalledOnce_WhenTheBatchIsOnDisk() throws {
        let (_, whole) = batch()
        var found: [[Callback]?] = []
        try store.commit(whole) { _ in found.append(try? directory.crashed().pendingCallbacks()) }
        let refused = agent.change(.phone, to: .online, for: [WebhookID(99)])
        #expect(throws: StoreError.self) { try store.commit(refused) { _ in found.append(nil) } }
        #expect(found == [whole.callbacks])
    }
}
