import Core
import GRDB
import Linux
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

    /// A batch, and what is known of it before its callbacks are made.
    private mutating func batch(_ udid: UDID = .phone, to status: Status = .offline) -> (begun: Changes, whole: Changes)
    {
        let whole = agent.change(udid, to: status, for: webhooks)
        var begun = whole
        begun.callbacks = []
        return (begun, whole)
    }

    private func rowsWritten(by body: () throws -> Void) throws -> Int {
        let count = { [store] in try store.perform { $0.totalChangesCount } }
        let before = try count()
        try body()
        return try count() - before
    }

    private func answer(of committer: Committer) throws -> Committer.Answer {
        let epoll = try Epoll()
        try epoll.watch(committer.descriptor, for: .readable)
        while true {
            if let answer = committer.answers().first { return answer }
            _ = try epoll.wait(timeout: nil)
        }
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

    // MARK: - By the committer

    /// Also when what was prepared was taken back meanwhile, for other work or because it took too long.
    @Test mutating func batch_IsWhole_WhateverCameBetweenItsBeginningAndItself() throws {
        for quiet in [Duration.zero, .seconds(60)] {
            var rhythm = Committer.Rhythm()
            rhythm.quiet = quiet
            let committer = try Committer(store, rhythm: rhythm)
            let reserve = { committer.submitReservation() }
            for work in [[], [reserve], [{ committer.prepare() }], [reserve, { committer.prepare() }]] {
                let (begun, whole) = batch()
                committer.prepare()
                committer.prepare(begun)
                for step in work { step() }
                committer.submit(whole)
            }
            committer.stop()
            for case .committed(let result) in committer.answers() { _ = try result.get() }
        }
        #expect(try directory.ask("SELECT number FROM event ORDER BY number") == Array(1...8))
        #expect(try store.whole().pending.map(\.callback.event.value) == Array(1...8))
    }

    /// A beginning that cannot be written is the commit's failure to tell.
    @Test mutating func refusedBeginning_IsToldByItsBatch_AndTheNextGoesOn() throws {
        let committer = try Committer(store)
        let (_, first) = batch()
        committer.submit(first)
        agent.nextEvent = EventNumber(1)
        agent.now = .sample
        let (begun, again) = batch(.other, to: .online)
        committer.prepare(begun)
        committer.submit(again)
        agent.nextEvent = EventNumber(2)
        let (next, third) = batch(to: .unplugged)
        committer.prepare(next)
        committer.submit(third)
        committer.stop()
        let answers = committer.answers()
        try #require(answers.count == 3)
        guard case .committed(.success) = answers[0], case .committed(.failure(.inconsistent)) = answers[1],
            case .committed(.success) = answers[2]
        else {
            Issue.record("\(answers)")
            return
        }
        #expect(try store.whole().pending.map(\.callback) == first.callbacks + third.callbacks)
        #expect(try store.whole().devices == [.sample(.phone, .unplugged)])
        #expect(try directory.ask("SELECT status FROM event ORDER BY number") == ["offline", "unplugged"])
    }

    @Test mutating func beginningThatFindsTheDatabaseLocked_ComesWithItsBatchLater() throws {
        let committer = try Committer(store)
        let (begun, whole) = batch()
        try withLockedDatabase(directory) {
            committer.prepare(begun)
            committer.submit(whole)
            guard case .committed(.failure(.locked)) = try answer(of: committer) else {
                Issue.record("it was committed")
                return
            }
        }
        committer.submit(whole)
        committer.stop()
        for case .committed(let result) in committer.answers() { _ = try result.get() }
        try isOnDisk(whole)
    }
}
