import Core
import Foundation
import Linux
import TestSupport
import Testing

@testable import Store

@Suite struct CommitterTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let webhooks: [WebhookID]
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        webhooks = try store.bind(webhooks: [(nil, "A")]).ids
    }

    /// Waits on the descriptor, as the loop does.
    private func answer(of committer: Committer) throws -> Result<Void, StoreError> {
        guard case .committed(let result) = try anyAnswer(of: committer) else { throw Unexpected() }
        return result.map { _ in }
    }

    private struct Unexpected: Error {}

    private func anyAnswer(of committer: Committer) throws -> Committer.Answer {
        let epoll = try Epoll()
        try epoll.watch(committer.descriptor, for: .readable)
        while true {
            if let answer = committer.answers().first { return answer }
            _ = try epoll.wait(timeout: nil)
        }
    }

    private var logSize: Int? {
        try? FileManager.default.attributesOfItem(atPath: directory.database + "-wal")[.size] as? Int
    }

    @Test mutating func batch_IsOnDisk_WhenItsAnswerComes() throws {
        let committer = try Committer(store)
        for status in [Status.offline, .online, .unplugged] {
            let changes = agent.change(.phone, to: status, for: webhooks)
            committer.submit(changes)
            try answer(of: committer).get()
            #expect(try directory.crashed().pendingCallbacks().last == changes.callbacks[0])
        }
        committer.stop()
        #expect(try store.whole().pending.count == 3)
    }

    @Test mutating func stop_FinishesWhatWasSubmitted_AndEmptiesTheLog() throws {
        let committer = try Committer(store)
        committer.submit(agent.change(.phone, to: .offline, for: webhooks))
        committer.stop()
        let answers = committer.answers()
        #expect(answers.count == 1)
        for case .committed(let result) in answers { _ = try result.get() }
        #expect(logSize == 0)
        #expect(try store.whole().pending.count == 1)
        committer.stop()
    }

    /// A configuration comes into force while a batch is on its way: what the batch brings for a webhook that is gone is
    /// cancelled with the rest.
    @Test mutating func binding_ComesAfterWhatWasSubmittedBefore_AndSaysWhatItEnded() throws {
        let committer = try Committer(store)
        committer.prepare()
        committer.submit(agent.change(.phone, to: .offline, for: webhooks))
        committer.submit(bind: [(nil, "B")], now: .sample)
        committer.prepare()
        committer.stop()
        let answers = committer.answers()
        try #require(answers.count == 2)
        guard case .committed(.success) = answers[0], case .bound(.success(let binding)) = answers[1] else {
            Issue.record("\(answers)")
            return
        }
        #expect(binding == Binding(ids: [WebhookID(2)], cancelled: [webhooks[0]: 1]))
        #expect(try store.whole().pending.isEmpty)
    }

    /// What the loop expected did not come, or came late: the transaction that was begun for it keeps nothing and nobody.
    @Test mutating func preparation_ChangesNothing_WhateverFollowsIt() throws {
        var rhythm = Committer.Rhythm()
        rhythm.quiet = .zero
        for rhythm in [rhythm, Committer.Rhythm()] {
            let committer = try Committer(store, rhythm: rhythm)
            committer.prepare()
            committer.prepare()
            committer.submit(agent.change(.phone, to: .offline, for: webhooks))
            try answer(of: committer).get()
            committer.prepare()
            committer.submit(Changes())
            try answer(of: committer).get()
            committer.prepare()
            committer.stop()
        }
        #expect(try store.whole().pending.count == 2)
        #expect(logSize == 0)
    }

    /// Also when what was prepared was taken back meanwhile, for other work or because it took too long.
    @Test mutating func batch_IsWhole_WhateverCameBetweenItsBeginningAndItself() throws {
        for quiet in [Duration.zero, .seconds(60)] {
            var rhythm = Committer.Rhythm()
            rhythm.quiet = quiet
            let committer = try Committer(store, rhythm: rhythm)
            let reserve = { committer.submitReservation() }
            for work in [[], [reserve], [{ committer.prepare() }], [reserve, { committer.prepare() }]] {
                let batch = agent.change(.phone, to: .offline, for: webhooks)
                committer.prepare()
                committer.prepare(batch.beginning)
                for step in work { step() }
                committer.submit(batch)
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
        let first = agent.change(.phone, to: .offline, for: webhooks)
        committer.submit(first)
        try answer(of: committer).get()
        agent.nextEvent = EventNumber(1)
        let again = agent.change(.other, to: .online, for: webhooks)
        committer.prepare(again.beginning)
        committer.submit(again)
        guard case .failure(.inconsistent) = try answer(of: committer) else { throw Unexpected() }
        let third = agent.change(.phone, to: .unplugged, for: webhooks)
        committer.prepare(third.beginning)
        committer.submit(third)
        try answer(of: committer).get()
        committer.stop()
        let restored = try store.whole()
        #expect(restored.pending.map(\.callback) == first.callbacks + third.callbacks)
        #expect(restored.devices == [.sample(.phone, .unplugged)])
        #expect(try directory.ask("SELECT status FROM event ORDER BY number") == ["offline", "unplugged"])
    }

    /// Each wait for a lock takes a second, and all else waits behind it.
    @Test mutating func beginningThatFindsTheDatabaseLocked_IsNotTriedAgain_BeforeItsBatch() throws {
        var rhythm = Committer.Rhythm()
        rhythm.quiet = .seconds(60)
        let committer = try Committer(store, rhythm: rhythm)
        let batch = agent.change(.phone, to: .offline, for: webhooks)
        try withLockedDatabase(directory) {
            committer.prepare()
            try waitUntilDone(committer)
        }
        committer.prepare(batch.beginning)
        try waitUntilDone(committer)
        #expect(!isLocked)
        committer.submit(batch)
        try answer(of: committer).get()
        committer.prepare()
        try waitUntilDone(committer)
        #expect(isLocked, "the next one is prepared again")
        committer.stop()
        #expect(try store.whole().pending.map(\.callback) == batch.callbacks)
        #expect(try directory.number("SELECT count(*) FROM event") == 1)
    }

    private var isLocked: Bool { (try? withLockedDatabase(directory) {}) == nil }

    /// A read is done in its turn, and ends no transaction.
    private func waitUntilDone(_ committer: Committer) throws {
        committer.submit(contentsOf: [])
        guard case .contents(.success) = try anyAnswer(of: committer) else { throw Unexpected() }
    }

    /// The configuration is reloaded, and a webhook created, while status changes go to the disk.
    @Test mutating func otherWork_IsDoneInOrderWithTheBatches() throws {
        let committer = try Committer(store)
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        committer.submit(changes)
        committer.prepare()
        committer.submit(bind: [(nil, "B")], now: .sample)
        committer.submit(agent.change(.phone, to: .online))
        committer.prepare()
        committer.submitReservation()
        committer.submit(bind: [(3, "C"), (nil, "B")], now: .sample)
        committer.stop()
        let answers = committer.answers()
        try #require(answers.count == 5)
        guard case .committed(.success) = answers[0], case .bound(.success(let first)) = answers[1],
            case .committed(.success) = answers[2], case .reserved(.success(let reserved)) = answers[3],
            case .bound(.success(let second)) = answers[4]
        else { throw Unexpected() }
        #expect(first == Binding(ids: [WebhookID(2)], cancelled: [webhooks[0]: 1]))
        #expect(reserved == WebhookID(3))
        #expect(second == Binding(ids: [WebhookID(3), WebhookID(2)], cancelled: [:]))
        #expect(try store.whole().pending.isEmpty)
        #expect(try store.whole().nextEvent == EventNumber(3))
    }

    @Test mutating func refusedBinding_IsTheAnswer_AndChangesNothing() throws {
        let committer = try Committer(store)
        try withLockedDatabase(directory) {
            committer.submit(bind: [(nil, "B")], now: .sample)
            guard case .bound(.failure(.locked)) = try anyAnswer(of: committer) else { throw Unexpected() }
            committer.submitReservation()
            guard case .reserved(.failure(.locked)) = try anyAnswer(of: committer) else { throw Unexpected() }
        }
        committer.submit(agent.change(.phone, to: .offline, for: webhooks))
        try answer(of: committer).get()
        committer.stop()
        #expect(try directory.ask("SELECT name FROM webhook") == ["A"])
    }

    @Test mutating func refusal_IsTheAnswer_AndTheNextBatchGoesOn() throws {
        let committer = try Committer(store)
        committer.submit(agent.change(.phone, to: .offline, for: [WebhookID(99)]))
        let refused = try answer(of: committer)
        #expect(throws: StoreError.self) { try refused.get() }
        agent.nextEvent = EventNumber(1)
        committer.submit(agent.change(.phone, to: .offline, for: webhooks))
        try answer(of: committer).get()
        committer.stop()
    }

    /// With no pause asked for, it tidies between the answer to a batch and the next batch.
    @Test mutating func historyAndLog_AreShortenedBetweenCommits() throws {
        var rhythm = Committer.Rhythm()
        rhythm.quiet = .zero
        rhythm.patience = .zero
        rhythm.pruneInterval = .zero
        var retention = Retention()
        retention.eventCount = 10
        let committer = try Committer(store, keeping: retention, rhythm: rhythm)
        for _ in 0..<20 {
            committer.submit(agent.changes(100, .phone, to: .offline))
            try answer(of: committer).get()
        }
        committer.stop()
        #expect(try directory.number("SELECT count(*) FROM event") <= 10 + Retention.slice)
        #expect(try store.whole().nextEvent == EventNumber(2_001))
    }

    @Test mutating func log_StaysBounded_WithoutAnyPause() throws {
        var rhythm = Committer.Rhythm()
        rhythm.quiet = .seconds(3_600)
        rhythm.patience = .seconds(3_600)
        let committer = try Committer(store, rhythm: rhythm)
        // Each batch writes some 300 pages; without a limit they would be 15,000.
        for round in 0..<50 {
            var changes = Changes()
            for index in 0..<1_000 {
                changes.remember(
                    DeviceRecord(udid: UDID("\(index)"), name: String(repeating: "\(round % 10)", count: 1_200)))
            }
            committer.submit(changes)
            try answer(of: committer).get()
        }
        let size = try #require(logSize)
        committer.stop()
        #expect(size < 10_000 * 4_096)
    }
}

extension TemporaryDirectory {
    /// What an agent that starts here finds pending.
    func pendingCallbacks() throws -> [Callback] { try StateStore(directory: state).whole().pending.map(\.callback) }
}
