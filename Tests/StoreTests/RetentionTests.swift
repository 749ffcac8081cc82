import Core
import TestSupport
import Testing

@testable import Store

@Suite struct RetentionTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let webhooks: [WebhookID]
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        webhooks = try store.bind(webhooks: [(nil, "A")]).ids
    }

    /// Prunes until there is nothing left to prune; returns the number of rows.
    @discardableResult
    private func pruneAll(after time: Duration, _ change: (inout Retention) -> Void = { _ in }) throws -> Int {
        var retention = Retention()
        change(&retention)
        var total = 0
        while true {
            let removed = try store.prune(at: .sample.after(time), keeping: retention)
            #expect(removed <= Retention.slice)
            total += removed
            if removed < Retention.slice { return total }
        }
    }

    /// `count` events with a callback each, delivered one second apart from the sample time on.
    private mutating func deliver(_ count: Int) throws -> [Callback] {
        var changes = agent.changes(count, .phone, to: .offline, for: webhooks)
        for (second, callback) in changes.callbacks.enumerated() {
            changes.attempts.append(.sample(callback, 1, .accepted, at: .sample.after(.seconds(second))))
        }
        try store.commit(changes)
        return changes.callbacks
    }

    private func count(_ table: String) throws -> Int { try directory.number("SELECT count(*) FROM \(table)") }

    @Test mutating func deliveredCallbacks_GoAfterADay_AndTheirAttemptsAfterAWeek() throws {
        _ = try deliver(10)
        try pruneAll(after: .seconds(86_400))
        #expect(try count("callback") == 10)
        try pruneAll(after: .seconds(86_400 + 5))
        #expect(try count("callback") == 5)
        #expect(try count("attempt") == 10)
        try pruneAll(after: .seconds(7 * 86_400 + 5))
        #expect(try count("callback") == 0)
        #expect(try count("attempt") == 5)
        #expect(try count("event") == 10)
    }

    @Test mutating func tooMany_GoOldestFirst_InSlices() throws {
        let callbacks = try deliver(1_200)
        let removed = try pruneAll(after: .zero) {
            $0.settledCount = 20
            $0.attemptCount = 30
            $0.eventCount = 40
        }
        #expect(removed == 1_180 + 1_170 + 1_160)
        #expect(
            try directory.ask("SELECT id FROM callback ORDER BY position") == callbacks.suffix(20).map(\.id.description)
        )
        #expect(try directory.ask("SELECT min(position) FROM attempt") == [1_171])
        #expect(try directory.ask("SELECT min(number) FROM event") == [1_161])
        #expect(try store.whole().nextEvent == EventNumber(1_201))
    }

    @Test mutating func cancelledCallbacks_AreKeptAsLongAsDelivered() throws {
        try store.commit(agent.change(.phone, to: .offline, for: webhooks))
        _ = try store.bind(webhooks: [], now: .sample)
        try pruneAll(after: .seconds(86_400))
        #expect(try count("callback") == 1)
        try pruneAll(after: .seconds(86_401))
        #expect(try count("callback") == 0)
    }

    @Test func auditEntries_GoOldestFirst_ByNumberAlone() throws {
        var changes = Changes()
        changes.audit = (1...1_200).map { .sample("webhook \($0)", at: .sample) }
        try store.commit(changes)
        try pruneAll(after: .seconds(10 * 365 * 86_400))
        #expect(try count("audit") == 1_200)
        let removed = try pruneAll(after: .zero) { $0.auditCount = 30 }
        #expect(removed == 1_170)
        #expect(try directory.ask("SELECT subject FROM audit ORDER BY position LIMIT 1") == ["webhook 1171"])
    }

    @Test mutating func pendingCallbacks_StayWhateverTheirAge() throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .dns, again: .sample)))
        let before = try store.whole().pending
        try pruneAll(after: .seconds(10 * 365 * 86_400)) { $0.settledCount = 0 }
        #expect(before.count == 1)
        #expect(try store.whole().pending == before)
    }

    @Test mutating func laneOfAForgottenDevice_GoesWithItsLastCallback() throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes.followed(by: agent.change(.other, to: .offline, for: webhooks)))
        var forgetting = Changes()
        forgetting.forget(.phone)
        try store.commit(forgetting)
        try pruneAll(after: .zero)
        let lane = Lane(webhook: webhooks[0], device: .phone)
        #expect(try store.whole().nextSequences[lane] == 2)
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .accepted)))
        try pruneAll(after: .zero)
        #expect(try store.whole().nextSequences[lane] == 2)
        try pruneAll(after: .seconds(2 * 86_400))
        #expect(try store.whole().nextSequences == [Lane(webhook: webhooks[0], device: .other): 2])
    }

    @Test mutating func laneOfAKnownDevice_NeverGoesBack() throws {
        _ = try deliver(3)
        _ = try store.bind(webhooks: [])
        try pruneAll(after: .seconds(365 * 86_400))
        #expect(try count("callback") == 0)
        _ = try store.bind(webhooks: [(nil, "A")])
        #expect(try store.whole().nextSequences == [Lane(webhook: webhooks[0], device: .phone): 4])
    }

    /// A forgotten phone comes back with a numbering of its own while a callback of the old one still waits.
    @Test mutating func laneThatStartsAgain_KeepsTheHigherNumber_AndTheOrder() throws {
        let old = agent.change(.phone, to: .offline, for: webhooks).followed(
            by: agent.change(.phone, to: .online, for: webhooks))
        try store.commit(old)
        agent.nextSequences = [:]
        let new = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(new)
        let restored = try store.whole()
        #expect(restored.pending.map(\.callback) == old.callbacks + new.callbacks)
        #expect(restored.nextSequences == [Lane(webhook: webhooks[0], device: .phone): 3])
    }

    @Test mutating func freedPages_AreGivenBackInSlices() throws {
        _ = try deliver(20_000)
        try store.checkpoint()
        let before = try directory.number("PRAGMA page_count")
        try pruneAll(after: .seconds(8 * 86_400)) { $0.eventCount = 0 }
        var slices = 0
        while try store.reclaim() { slices += 1 }
        #expect(slices > 1)
        #expect(try directory.number("PRAGMA freelist_count") <= Retention.sparePages)
        #expect(try before - directory.number("PRAGMA page_count") >= Retention.pageSlice * (slices - 1))
    }

    @Test func freshDatabase_HasNothingToGive() throws {
        #expect(try store.prune(at: .sample) == 0)
        #expect(try !store.reclaim())
    }
}
