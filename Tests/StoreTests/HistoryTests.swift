import Core
import Foundation
import TestSupport
import Testing

@testable import Store

@Suite struct HistoryTests {
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

    private func prune(_ change: (inout Retention) -> Void) throws {
        var retention = Retention()
        change(&retention)
        _ = try store.prune(at: .sample, keeping: retention)
    }

    // MARK: - Events

    @Test mutating func events_ComeBackWhole_AscendingOrDescending() async throws {
        var changes = agent.change(.phone, to: .offline, reason: .bootloader)
        changes = changes.followed(by: agent.change(.other, to: .online, isSilent: true))
        let first = StatusEvent(
            number: agent.nextEvent, device: UDID("a\0b"), name: "n\0m", group: .local, previous: nil,
            status: .unplugged, reason: nil, isSilent: true, platform: nil, port: nil)
        changes.events.append(RecordedEvent(event: first, at: WallTime(milliseconds: -1)))
        try store.commit(changes)
        #expect(try await history.events(after: EventNumber(0), limit: 10) == changes.events)
        #expect(try await history.latestEvents(limit: 10) == changes.events.reversed())
        #expect(try await history.events(after: EventNumber(0), limit: 10, device: UDID("a\0b")) == [changes.events[2]])
        #expect(try await history.events(after: EventNumber(0), limit: 10, device: UDID("a")).isEmpty)
    }

    @Test mutating func pages_FollowOnEachOther_ForOneDeviceAndForAll() async throws {
        var changes = Changes()
        for index in 0..<20 {
            changes = changes.followed(by: agent.change(index % 3 == 0 ? .other : .phone, to: .offline))
        }
        try store.commit(changes)
        for device in [nil, UDID.other] {
            let wanted = changes.events.filter { device == nil || $0.event.device == device }
            var up: [RecordedEvent] = []
            while true {
                let after = up.last?.event.number ?? EventNumber(0)
                let page = try await history.events(after: after, limit: 4, device: device)
                up += page
                if page.count < 4 { break }
            }
            var down: [RecordedEvent] = []
            while true {
                let page = try await history.latestEvents(before: down.last?.event.number, limit: 4, device: device)
                down += page
                if page.count < 4 { break }
            }
            #expect(up == wanted)
            #expect(down == wanted.reversed())
        }
    }

    @Test(arguments: [-1, 0, 1, 5_000])
    mutating func limit_IsKeptWithinReason(_ limit: Int) async throws {
        try store.commit(agent.changes(1_200, .phone, to: .offline, for: [webhooks[0]]))
        let expected = max(0, min(limit, History.longestPage))
        #expect(try await history.events(after: EventNumber(0), limit: limit).count == expected)
        #expect(try await history.deliveries(limit: limit).count == expected)
    }

    /// A client that was away resumes from an event that is not kept any more: it must be told that there is a gap.
    @Test mutating func bounds_TellWhatIsStillThere() async throws {
        #expect(try await history.eventBounds() == nil)
        try store.commit(agent.changes(10, .phone, to: .offline))
        try prune { $0.eventCount = 4 }
        let bounds = try await history.eventBounds()
        #expect(bounds?.oldest == EventNumber(7))
        #expect(bounds?.newest == EventNumber(10))
        #expect(try await history.events(after: EventNumber(2), limit: 1).map(\.event.number) == [EventNumber(7)])
    }

    @Test mutating func wordThatNobodyWrote_IsDamage_AndAReasonOfAnotherVersionIsNot() async throws {
        try store.commit(agent.changes(2, .phone, to: .offline))
        _ = try store.perform { try $0.run("UPDATE event SET reason = 'moon phase' WHERE number = 1") }
        #expect(try await history.events(after: EventNumber(0), limit: 2).first?.event.reason == nil)
        _ = try store.perform { try $0.run("UPDATE event SET status = 'asleep' WHERE number = 1") }
        let error = await #expect(throws: StoreError.self) {
            _ = try await history.events(after: EventNumber(0), limit: 2)
        }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await history.events(after: EventNumber(1), limit: 2).count == 1)
    }

    // MARK: - Deliveries

    @Test mutating func deliveries_AreNewestFirst_AndFiltered() async throws {
        var changes = agent.change(.phone, to: .offline, for: webhooks)
        changes = changes.followed(by: agent.change(.other, to: .online, for: webhooks))
        changes = changes.followed(by: agent.change(.phone, to: .online, for: [webhooks[0]]))
        let callbacks = changes.callbacks
        let due = WallTime.sample.after(.seconds(30))
        changes.attempts = [.sample(callbacks[0], 1, .accepted), .sample(callbacks[1], 1, .dns, again: due)]
        changes.givenUp = [GivenUp(callbacks[2].id, as: .cancelled, at: due)]
        try store.commit(changes)

        func ids(_ filter: DeliveryFilter) async throws -> [CallbackID] {
            try await history.deliveries(filter, limit: 10).map(\.id)
        }
        let all = try await history.deliveries(limit: 10)
        #expect(all.map(\.id) == callbacks.reversed().map(\.id))
        #expect(all.map(\.ending) == [nil, nil, .cancelled, nil, nil])
        #expect(all.map(\.state) == [.pending, .pending, .cancelled, .pending, .delivered])
        #expect(all[3].attempts == 1)
        #expect(all.map(\.notBefore) == [nil, nil, nil, due, nil])
        #expect(all.map(\.settledAt) == [nil, nil, due, nil, .sample.after(.milliseconds(3))])
        for (summary, callback) in zip(all.reversed(), callbacks) {
            #expect(summary.lane == callback.lane)
            #expect(summary.sequence == callback.sequence)
            #expect(summary.event == callback.event)
            #expect(summary.createdAt == callback.createdAt)
        }
        #expect(try await ids(DeliveryFilter(webhook: webhooks[1])) == [callbacks[3].id, callbacks[1].id])
        #expect(try await ids(DeliveryFilter(device: .other)) == [callbacks[3].id, callbacks[2].id])
        #expect(try await ids(DeliveryFilter(state: .delivered)) == [callbacks[0].id])
        #expect(
            try await ids(DeliveryFilter(webhook: webhooks[0], device: .phone, state: .pending)) == [callbacks[4].id])
        #expect(try await ids(DeliveryFilter(webhook: WebhookID(99))).isEmpty)
        // From the one moment, which is of it, to the other, which is not.
        let (first, last) = (callbacks[2].createdAt, callbacks[4].createdAt)
        #expect(try await ids(DeliveryFilter(since: first)) == callbacks[2...].reversed().map(\.id))
        #expect(try await ids(DeliveryFilter(until: first)) == callbacks[..<2].reversed().map(\.id))
        #expect(try await ids(DeliveryFilter(since: first, until: last)) == callbacks[2..<4].reversed().map(\.id))
        #expect(try await ids(DeliveryFilter(since: last, until: first)).isEmpty)
    }

    @Test mutating func deliveryPages_FollowOnEachOther_WhileNewOnesCome() async throws {
        let changes = agent.changes(10, .phone, to: .offline, for: webhooks)
        try store.commit(changes)
        let filter = DeliveryFilter(webhook: webhooks[1])
        var seen: [DeliverySummary] = []
        for _ in 0..<4 {
            seen += try await history.deliveries(filter, before: seen.last?.position, limit: 3)
            try store.commit(agent.change(.other, to: .online, for: webhooks))
        }
        let wanted = changes.callbacks.filter { $0.lane.webhook == webhooks[1] }.reversed()
        #expect(seen.map(\.id) == wanted.map(\.id))
    }

    @Test mutating func delivery_HasItsBody_AndEveryAttempt() async throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        let callback = changes.callbacks[0]
        let attempts = [
            Attempt.sample(callback, 1, .connect, again: .sample.after(.seconds(5))),
            Attempt(
                callback: callback.id, number: 2, startedAt: .sample.after(.seconds(5)), outcome: .cancelled,
                statusCode: nil, detail: "a\0b", duration: .microseconds(1_234), wireSends: 0,
                phases: Phases(nameLookup: .microseconds(7), connect: .microseconds(80)), address: "[::1]:8080",
                answer: Array("a\0b\u{fffd}".utf8) + [0xff], consequence: .uncounted),
            Attempt.sample(callback, 2, .accepted, at: .sample.after(.seconds(9))),
        ]
        for attempt in attempts {
            try store.commit(.attempts(attempt, .sample(changes.callbacks[1], attempt.number, .http5xx)))
        }
        let detail = try #require(try await history.delivery(callback.id))
        #expect(detail.content == callback.content)
        #expect(detail.attempts.map(\.number) == [1, 2, 2])
        #expect(detail.attempts.map(\.outcome) == attempts.map(\.outcome))
        #expect(detail.attempts.map(\.notBefore) == [.sample.after(.seconds(5)), nil, nil])
        let (shown, kept) = (detail.attempts[1], attempts[1])
        #expect((shown.startedAt, shown.detail, shown.duration) == (kept.startedAt, kept.detail, kept.duration))
        #expect((shown.phases, shown.address, shown.answer) == (kept.phases, kept.address, kept.answer))
        #expect(detail.summary.state == .delivered)
        #expect(detail.summary.attempts == 2)
        #expect(try await history.deliveries(limit: 2).last == detail.summary)
        #expect(try await history.delivery(CallbackID("msg_nobody")) == nil)
    }

    // MARK: - Beside the store

    /// Batches of ten events with two callbacks each go to the disk while somebody looks: never a part of one.
    @Test mutating func reader_SeesWholeCommitsOnly_WhileTheCommitterWorks() async throws {
        var rhythm = Committer.Rhythm()
        rhythm.quiet = .zero
        rhythm.patience = .zero
        let committer = try Committer(store, rhythm: rhythm)
        for index in 0..<60 {
            committer.submit(agent.changes(10, index % 2 == 0 ? .phone : .other, to: .offline, for: webhooks))
        }
        var newest: Int64 = 0
        while newest < 600 {
            let events = try await history.events(after: EventNumber(0), limit: 1_000)
            #expect(events.count % 10 == 0)
            #expect(Int64(events.count) >= newest)
            newest = events.last?.event.number.value ?? 0
            let last = try await history.deliveries(limit: 1).first
            #expect((last?.position ?? 0) % 20 == 0)
            #expect((last?.position ?? 0) >= newest * 2)
        }
        committer.stop()
        #expect(committer.answers().count == 60)
    }

    @Test mutating func readerThatStays_DoesNotKeepTheLogFromBeingEmptied() async throws {
        for _ in 0..<3 {
            try store.commit(agent.changes(10, .phone, to: .offline, for: webhooks))
            let id = try #require(try await history.deliveries(limit: 1).first?.id)
            _ = try await history.delivery(id)
            _ = try await history.events(after: EventNumber(0), limit: 1)
            _ = try await history.eventBounds()
            try store.emptyLog()
            let log = try Data(contentsOf: URL(fileURLWithPath: directory.database + "-wal"))
            #expect(log.isEmpty)
        }
    }

    /// Otherwise the agent that comes next would take it for a crash and read the whole file.
    @Test func lastToGo_LeavesNoLogBehind() throws {
        let other = try TemporaryDirectory()
        var store: StateStore? = try StateStore(directory: other.state)
        var history: History? = try store.map { store throws(StoreError) in try History(of: store) }
        store = nil
        #expect(FileManager.default.fileExists(atPath: other.database + "-wal"))
        #expect(history != nil)
        history = nil
        #expect(!FileManager.default.fileExists(atPath: other.database + "-wal"))
        #expect(store == nil)
    }

    /// A client hangs up at any moment of a read: that one ends, the next is answered.
    @Test mutating func cancelledRead_IsSaidToBe_AndHarmsNoOther() async throws {
        try store.commit(agent.changes(3_000, .phone, to: .offline, for: webhooks))
        let history = history
        let nobody = UDID("nobody")
        for round in 0..<200 {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do throws(StoreError) {
                        let deliveries = try await history.deliveries(DeliveryFilter(device: nobody), limit: 1)
                        let events = try await history.events(after: EventNumber(0), limit: 1, device: nobody)
                        #expect(deliveries.isEmpty && events.isEmpty)
                        _ = try await history.eventBounds()
                    } catch {
                        guard case .interrupted = error else {
                            Issue.record("\(error)")
                            return
                        }
                    }
                }
                for _ in 0..<round % 20 { await Task.yield() }
                group.cancelAll()
            }
            #expect(try await history.deliveries(limit: 1).count == 1)
        }
        try store.emptyLog()
    }

    @Test func readOfACancelledTask_IsInterrupted() async throws {
        let path = directory.database
        await withTaskGroup(of: Void.self) { [history] group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: StoreError.interrupted(path: path)) { _ = try await history.eventBounds() }
            }
        }
    }
}
