import Core
import TestSupport
import Testing

@testable import Store

@Suite struct BindingTests {
    let directory: TemporaryDirectory
    let store: StateStore
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
    }

    private func bind(_ webhooks: (Int64?, String)...) throws -> [Int64] {
        try store.bind(webhooks: webhooks.map { (id: $0.0, name: $0.1) }, now: .sample).ids.map(\.value)
    }

    @Test func newNames_GetNumbersInOrder_AndKeepThem() throws {
        #expect(try bind((nil, "A"), (nil, "B")) == [1, 2])
        #expect(try bind((nil, "B"), (nil, "A")) == [2, 1])
    }

    @Test func numbers_SurviveAReopening() throws {
        let other = try TemporaryDirectory()
        for _ in 0..<2 {
            let store = try StateStore(directory: other.state)
            #expect(try store.bind(webhooks: [(nil, "A"), (40, "B")]).ids == [WebhookID(41), WebhookID(40)])
        }
    }

    @Test func givenID_IsThatWebhook_AndLaterNumbersStartAboveIt() throws {
        #expect(try bind((129, "A"), (nil, "B")) == [129, 130])
        #expect(try bind((129, "A"), (nil, "B"), (nil, "C"), (5, "D"), (nil, "E")) == [129, 130, 131, 5, 132])
    }

    @Test func givenIDWithAnotherName_IsARename() throws {
        #expect(try bind((nil, "A")) == [1])
        #expect(try bind((1, "B")) == [1])
        #expect(try bind((nil, "B")) == [1])
        #expect(try directory.ask("SELECT name FROM webhook") == ["B"])
    }

    @Test func namesSwappedByID_AreTwoRenames() throws {
        #expect(try bind((1, "A"), (2, "B")) == [1, 2])
        #expect(try bind((1, "B"), (2, "A")) == [1, 2])
        #expect(try bind((nil, "A"), (nil, "B")) == [2, 1])
    }

    @Test func nameOfAWebhookThatIsRenamedByID_IsFree() throws {
        #expect(try bind((nil, "A")) == [1])
        #expect(try bind((nil, "A"), (1, "B")) == [2, 1])
    }

    @Test func names_AreComparedByteForByte() throws {
        let composed = "Caf\u{e9}"
        let decomposed = "Cafe\u{301}"
        #expect(composed == decomposed)
        #expect(
            try bind((nil, composed), (nil, decomposed), (nil, "caf\u{e9}"), (nil, "A\0B"), (nil, "A")) == [
                1, 2, 3, 4, 5,
            ])
        #expect(
            try bind((nil, "A"), (nil, "A\0B"), (nil, "caf\u{e9}"), (nil, decomposed), (nil, composed)) == [
                5, 4, 3, 2, 1,
            ])
    }

    @Test func numberOfARetiredWebhook_IsItsOwnForEver() throws {
        #expect(try bind((nil, "A"), (nil, "B")) == [1, 2])
        #expect(try bind((nil, "C")) == [3])
        #expect(try directory.ask("SELECT id FROM webhook WHERE is_retired") == [1, 2])
        #expect(try bind((nil, "D"), (nil, "B")) == [4, 2])
        #expect(try directory.ask("SELECT id FROM webhook WHERE is_retired") == [1, 3])
    }

    @Test func nameInForce_GoesBeforeARetiredOneOfTheSameName() throws {
        #expect(try bind((1, "A")) == [1])
        #expect(try bind((7, "A")) == [7])
        #expect(try bind((nil, "A")) == [7])
        #expect(try bind() == [])
        #expect(try bind((nil, "A")) == [7])
    }

    @Test func pendingCallbacksOfARetiredWebhook_AreCancelledOnRecord() throws {
        var agent = SampleAgent()
        let both = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
        let changes = agent.change(.phone, to: .offline, for: both)
        try store.commit(changes)
        #expect(try bind((nil, "B")) == [2])
        #expect(try store.whole().pending.map(\.callback) == [changes.callbacks[1]])
        #expect(try directory.ask("SELECT state FROM callback ORDER BY position") == ["cancelled", "pending"])
        #expect(
            try directory.ask("SELECT settled_at FROM callback ORDER BY position") == [
                WallTime.sample.milliseconds, nil,
            ])
        // Listed again, it is the same webhook and goes on where it was.
        #expect(try bind((nil, "A"), (nil, "B")) == [1, 2])
        #expect(try store.whole().nextSequences[Lane(webhook: both[0], device: .phone)] == 2)
    }

    @Test mutating func binding_SaysHowManyCallbacksItCancelled_ForEachWebhookThatIsGone() throws {
        let ids = try store.bind(webhooks: [(nil, "A"), (nil, "B"), (nil, "C"), (nil, "D")]).ids
        try store.commit(agent.changes(3, .phone, to: .offline, for: ids))
        try store.commit(agent.change(.other, to: .offline, for: [ids[1]]))
        // Nothing of it waits any more.
        let last = agent.change(.other, to: .offline, for: [ids[3]])
        try store.commit(last)
        for callback in try store.whole().pending.map(\.callback) where callback.lane.webhook == ids[3] {
            try store.commit(.attempts(.sample(callback, 1, .accepted)))
        }
        let binding = try store.bind(webhooks: [(nil, "A")])
        #expect(binding == Binding(ids: [ids[0]], cancelled: [ids[1]: 4, ids[2]: 3]))
        #expect(try store.bind(webhooks: [(nil, "A")]).cancelled.isEmpty)
    }

    @Test func reservedNumber_IsTheWebhooks_OnceItIsBound() throws {
        #expect(try bind((nil, "A")) == [1])
        #expect(try store.reserveWebhook() == WebhookID(2))
        #expect(try directory.ask("SELECT is_retired FROM webhook ORDER BY id") == [0, 1])
        #expect(try bind((nil, "A"), (2, "B")) == [1, 2])
        #expect(try bind((nil, "B"), (nil, "A")) == [2, 1])
        #expect(try directory.ask("SELECT is_retired FROM webhook ORDER BY id") == [0, 0])
    }

    /// The file could not be written: the number is gone, and nobody else gets it.
    @Test func reservedNumber_ThatIsNotBound_IsNeverGivenToAnother() throws {
        #expect(try store.reserveWebhook() == WebhookID(1))
        #expect(try store.reserveWebhook() == WebhookID(2))
        #expect(try bind((nil, "A")) == [3])
        #expect(try bind() == [])
        #expect(try store.reserveWebhook() == WebhookID(4))
        #expect(try bind((nil, "A"), (nil, "B")) == [3, 5])
    }

    /// The loop reloads its configuration while a commit with callbacks for the webhook that goes is under way.
    @Test func callbacksCommittedAfterTheirWebhookWasRetired_AreCancelledByTheNextBinding() throws {
        var agent = SampleAgent()
        let ids = try store.bind(webhooks: [(nil, "A")]).ids
        _ = try bind((nil, "B"))
        try store.commit(agent.change(.phone, to: .offline, for: ids))
        #expect(try store.whole().pending.count == 1)
        _ = try bind((nil, "B"))
        #expect(try store.whole().pending.isEmpty)
    }
}
