import Core
import Foundation
import Linux
import TestSupport
import Testing

@testable import Store

/// What a crash leaves is a moment between two commits, and nothing of a commit that was answered is missing from it.
@Suite struct CrashTests {
    /// What the disk must hold, told from the same changes by other means.
    private struct Model {
        var devices: [UDID: DeviceRecord] = [:]
        var pending: [PendingCallback] = []
        var nextEvent = EventNumber(1)
        var nextSequences: [Lane: Int64] = [:]

        mutating func apply(_ changes: Changes) {
            for device in changes.forgotten { devices[device] = nil }
            for (udid, device) in changes.devices { devices[udid] = device }
            for recorded in changes.events { nextEvent = recorded.event.number.next }
            for callback in changes.callbacks {
                pending.append(PendingCallback(callback: callback))
                nextSequences[callback.lane] = callback.sequence + 1
            }
            for attempt in changes.attempts {
                guard let index = pending.firstIndex(where: { $0.callback.id == attempt.callback }) else { continue }
                switch attempt.consequence {
                case .delivered, .dead: pending.remove(at: index)
                case .uncounted: break
                case .retried(let notBefore, let failures):
                    pending[index].attempts = attempt.number
                    pending[index].failures = failures
                    pending[index].notBefore = notBefore
                }
            }
            for givenUp in changes.givenUp { pending.removeAll { $0.callback.id == givenUp.callback } }
        }

        func matches(_ restored: Whole) -> Bool {
            Dictionary(uniqueKeysWithValues: restored.devices.map { ($0.udid, $0) }) == devices
                && restored.pending == pending && restored.nextEvent == nextEvent
                && restored.nextSequences == nextSequences
        }
    }

    /// One turn of an agent that does anything at any time.
    private static func turn(_ agent: inout SampleAgent, _ model: Model, _ webhooks: [WebhookID]) -> Changes {
        var changes = Changes()
        for _ in 0..<Int.random(in: 0...4, using: &agent.random) {
            let udid = UDID("phone \(Int.random(in: 0..<6, using: &agent.random))")
            let status = Status.allCases.randomElement(using: &agent.random) ?? .online
            let asked = webhooks.filter { _ in Bool.random(using: &agent.random) }
            changes = changes.followed(by: agent.change(udid, to: status, for: asked))
        }
        if Int.random(in: 0..<5, using: &agent.random) == 0 {
            changes.forget(UDID("phone \(Int.random(in: 0..<6, using: &agent.random))"))
        }
        for pending in model.pending.shuffled(using: &agent.random).prefix(Int.random(in: 0...5, using: &agent.random))
        {
            let outcome = Outcome.allCases.randomElement(using: &agent.random) ?? .accepted
            changes.attempts.append(
                .sample(
                    pending.callback, pending.attempts + 1, Bool.random(using: &agent.random) ? .accepted : outcome,
                    at: agent.now, again: agent.now.after(.seconds(Int.random(in: 1...9_999, using: &agent.random)))))
        }
        if Int.random(in: 0..<6, using: &agent.random) == 0, let any = model.pending.randomElement(using: &agent.random)
        {
            let ending = Ending.allCases.randomElement(using: &agent.random) ?? .cancelled
            changes.givenUp.append(GivenUp(any.callback.id, as: ending, at: agent.now))
        }
        return changes
    }

    @Test(arguments: 1...12)
    func anyHistory_IsWholeAfterACrashAtAnyMoment(_ seed: UInt64) throws {
        var agent = SampleAgent(seed: seed)
        var model = Model()
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.state)
        let webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B"), (nil, "C")]).ids
        for _ in 0..<60 {
            let changes = Self.turn(&agent, model, webhooks)
            try store.commit(changes)
            model.apply(changes)
            switch Int.random(in: 0..<12, using: &agent.random) {
            case 0: try store.checkpoint()
            case 1: try store.emptyLog()
            case 2: try store.commit(changes)
            case 3, 4:
                let crashed = try directory.crashed()
                #expect(model.matches(try StateStore(directory: crashed.state).whole()))
            default: break
            }
        }
        #expect(model.matches(try store.whole()))
    }

    /// The last writes before a power loss reach the disk in part: any prefix of the log is some earlier commit, whole.
    @Test(arguments: 1...4)
    func logCutAnywhere_IsTheStateOfTheLastWholeCommit(_ seed: UInt64) throws {
        var agent = SampleAgent(seed: seed)
        var model = Model()
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.state)
        let webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
        try store.emptyLog()
        func logLength() throws -> Int {
            try Data(contentsOf: URL(fileURLWithPath: directory.database + "-wal")).count
        }
        var history = [(length: 0, model: model)]
        for _ in 0..<20 {
            let changes = Self.turn(&agent, model, webhooks)
            try store.commit(changes)
            model.apply(changes)
            history.append((try logLength(), model))
        }
        let total = try logLength()
        for _ in 0..<15 {
            let cut = Int.random(in: 0...total, using: &agent.random)
            let crashed = try directory.crashed(logLength: cut)
            let expected = try #require(history.last { $0.length <= cut })
            #expect(expected.model.matches(try StateStore(directory: crashed.state).whole()))
        }
    }

    @Test(arguments: 1...5)
    func killBeforeCommit_LeavesNothingOfTheTurn(_ pass: Int) async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.state as String, pass] in
            setenv("PLUGHOOK_FAILPOINT", "before-commit:\(pass)", 1)
            try Self.commitTurns(in: path)
        }
        try Self.expectTurns(pass - 1, in: directory)
    }

    @Test(arguments: 1...5)
    func killAfterCommit_LeavesTheTurnWhole(_ pass: Int) async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.state as String, pass] in
            setenv("PLUGHOOK_FAILPOINT", "after-commit:\(pass)", 1)
            try Self.commitTurns(in: path)
        }
        try Self.expectTurns(pass, in: directory)
    }

    /// Ten turns through the committer, which is where the agent would die.
    private static func commitTurns(in path: String) throws {
        let store = try StateStore(directory: path)
        let webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
        var agent = SampleAgent()
        let committer = try Committer(store)
        for _ in 0..<10 { committer.submit(agent.change(.phone, to: .offline, for: webhooks)) }
        committer.stop()
    }

    private static func expectTurns(_ count: Int, in directory: TemporaryDirectory) throws {
        var agent = SampleAgent()
        let webhooks = [WebhookID(1), WebhookID(2)]
        let turns = (0..<count).map { _ in agent.change(.phone, to: .offline, for: webhooks) }
        let store = try StateStore(directory: directory.state)
        #expect(try store.whole().pending.map(\.callback) == turns.flatMap(\.callbacks))
        #expect(try store.whole().nextEvent == agent.nextEvent)
        // And the agent that comes after goes on where this one was.
        try store.commit(agent.change(.phone, to: .online, for: webhooks))
        #expect(try store.whole().pending.count == 2 * count + 2)
    }
}
