import Core
import TestSupport
import Testing

@testable import Store

/// Callbacks that are given up, and sent again.
@Suite struct RedeliveryTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let history: History
    let webhooks: [WebhookID]
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        history = try History(of: store)
        webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
    }

    private func rejected(_ callback: Callback, _ number: Int) -> Attempt {
        Attempt(
            callback: callback.id, number: number, startedAt: .sample, outcome: .rejected, statusCode: 422, detail: "",
            duration: .milliseconds(3), wireSends: 1, answer: Array("no".utf8), consequence: .dead(.rejected))
    }

    @Test mutating func lastRejection_MakesItsCallbackDead() async throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        for _ in 0..<2 { try store.commit(.attempts(rejected(changes.callbacks[0], 3))) }
        #expect(try store.whole().pending.map(\.callback) == [changes.callbacks[1]])
        let detail = try #require(try await history.delivery(changes.callbacks[0].id))
        #expect((detail.summary.state, detail.summary.ending) == (.dead, .rejected))
        #expect((detail.summary.attempts, detail.summary.notBefore) == (3, nil))
        #expect(detail.summary.settledAt == .sample.after(.milliseconds(3)))
        #expect(detail.attempts.map(\.answer) == [Array("no".utf8)])
        #expect(try await history.count(.dead) == 1)
    }

    @Test(arguments: Ending.allCases) mutating func ending_IsOnRecord_WithItsReason(_ ending: Ending) async throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        var both = changes
        both.givenUp = [GivenUp(changes.callbacks[0].id, as: ending, at: .sample)]
        for _ in 0..<2 { try store.commit(both) }
        let summary = try #require(try await history.deliveries(limit: 9).first)
        #expect((summary.state, summary.ending, summary.settledAt) == (ending.state, ending, .sample))
        #expect(try store.whole().pending.isEmpty)
    }

    @Test mutating func failures_ComeBack_WithTheirCount() throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        try store.commit(changes)
        let failures = Failures(steps: 4, rejections: 2)
        let attempt = Attempt(
            callback: changes.callbacks[0].id, number: 9, startedAt: .sample, outcome: .timeout, statusCode: nil,
            detail: "", duration: .zero, wireSends: 1, consequence: .retried(notBefore: .sample, failures))
        try store.commit(.attempts(attempt))
        #expect(try store.whole().pending.map(\.failures) == [failures])
    }

    @Test mutating func renewedCallback_IsPendingAgain_AsIfItHadNeverFailed() async throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        let callback = changes.callbacks[0]
        try store.commit(.attempts(rejected(callback, 3)))
        let later = WallTime.sample.after(.seconds(9_999_999))
        var meant = Redelivery()
        meant.id = callback.id
        #expect(try await history.count(meant) == 1)
        let renewed = try store.renew(meant, limit: 9, at: later)
        let pending = PendingCallback(callback: callback, attempts: 3, renewedAt: later)
        #expect(renewed == Renewed(callbacks: [pending], next: nil))
        #expect(Set(try store.whole().pending) == [pending, PendingCallback(callback: changes.callbacks[1])])
        // What waits is not meant a second time, and its next attempt counts on.
        #expect(try store.renew(meant, limit: 9, at: later).callbacks.isEmpty)
        try store.commit(.attempts(.sample(callback, 4, .accepted)))
        #expect(try await history.delivery(callback.id)?.summary.state == .delivered)
    }

    @Test mutating func renewal_TakesThoseThatAreMeant_PartByPart() async throws {
        var changes = agent.changes(10, .phone, to: .offline, for: webhooks)
        changes = changes.followed(by: agent.changes(3, .other, to: .offline, for: webhooks))
        changes.givenUp = changes.callbacks.enumerated().map { index, callback in
            GivenUp(callback.id, as: index.isMultiple(of: 2) ? .expired : .superseded, at: .sample)
        }
        try store.commit(changes)
        func renewAll(_ meant: Redelivery, limit: Int = 4) throws -> [CallbackID] {
            var meant = meant
            var all: [CallbackID] = []
            while true {
                let part = try store.renew(meant, limit: limit, at: .sample)
                #expect(part.callbacks.count <= limit)
                all += part.callbacks.map(\.callback.id)
                guard let next = part.next else { return all }
                meant.after = next
            }
        }
        var meant = Redelivery()
        meant.filter = DeliveryFilter(webhook: webhooks[0], device: .other, state: .dead)
        let wanted = changes.callbacks.filter { $0.lane == Lane(webhook: webhooks[0], device: .other) }.map(\.id)
        #expect(try await history.count(meant) == wanted.count)
        #expect(try renewAll(meant) == wanted)
        meant = Redelivery()
        meant.filter.state = .dead
        #expect(
            try renewAll(meant)
                == changes.callbacks.filter { $0.lane.webhook == webhooks[0] && $0.lane.device != .other }.map(\.id))
        meant.filter.state = .superseded
        (meant.filter.since, meant.filter.until) = (changes.callbacks[0].createdAt.after(.milliseconds(1)), nil)
        let late = changes.callbacks.filter {
            $0.lane.webhook == webhooks[1] && $0.createdAt > changes.callbacks[0].createdAt
        }
        #expect(try await history.count(meant) == late.count)
        meant.filter.until = changes.callbacks[0].createdAt
        #expect(try await history.count(meant) == 0)
    }

    @Test mutating func renewal_LeavesAlone_WhatHasNoReceiver() async throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        _ = try store.bind(webhooks: [(nil, "A")])
        var meant = Redelivery()
        meant.filter.state = .cancelled
        #expect(try await history.count(meant) == 0)
        #expect(try store.renew(meant, limit: 9, at: .sample) == Renewed(callbacks: [], next: nil))
        #expect(try await history.deliveries(DeliveryFilter(state: .cancelled), limit: 9).count == 1)
    }

    /// What the gate of a webhook is made of after a restart.
    @Test mutating func lastAttempts_ComeBack_OldestFirst() throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .dns), .sample(changes.callbacks[1], 1, .http5xx)))
        try store.commit(.attempts(.sample(changes.callbacks[0], 2, .accepted)))
        let past = try store.whole().pastAttempts
        #expect(past[webhooks[0]]?.map(\.outcome) == [.dns, .accepted])
        #expect(past[webhooks[1]] == [PastAttempt(startedAt: .sample, outcome: .http5xx, statusCode: nil)])
    }

    @Test mutating func deadCallbacks_AreKeptLonger_AndNotForEver() async throws {
        let changes = agent.changes(6, .phone, to: .offline, for: [webhooks[0]])
        var settling = changes
        settling.givenUp = changes.callbacks.enumerated().map { index, callback in
            GivenUp(callback.id, as: index < 3 ? .expired : .superseded, at: .sample)
        }
        try store.commit(settling)
        var retention = Retention()
        _ = try store.prune(at: .sample.after(retention.settledAge + .seconds(1)), keeping: retention)
        #expect(try await history.deliveries(limit: 9).map(\.state) == [.dead, .dead, .dead])
        retention.deadCount = 2
        _ = try store.prune(at: .sample, keeping: retention)
        #expect(try await history.count(.dead) == 2)
        _ = try store.prune(at: .sample.after(retention.deadAge + .seconds(1)), keeping: retention)
        #expect(try await history.deliveries(limit: 9).isEmpty)
        // The lane's number goes on.
        #expect(try store.whole().nextSequences == agent.nextSequences)
    }
}
