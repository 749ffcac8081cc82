import Core
import TestSupport
import Testing

@testable import Store

@Suite struct CommitTests {
    let directory: TemporaryDirectory
    let store: StateStore
    let webhooks: [WebhookID]
    var agent = SampleAgent()

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
        webhooks = try store.bind(webhooks: [(nil, "A"), (nil, "B")]).ids
    }

    @Test mutating func turn_ComesBackWhole() throws {
        var changes = agent.change(.phone, to: .offline, for: webhooks, reason: .bootloader)
        changes = changes.followed(by: agent.change(.other, to: .utilizing, for: [webhooks[1]]))
        changes = changes.followed(by: agent.change(.other, to: .online, isSilent: true))
        changes.bootID = "2b6d"
        try store.commit(changes)
        let restored = try store.whole()
        #expect(Set(restored.devices) == [.sample(.phone, .offline), .sample(.other, .online)])
        #expect(restored.pending == changes.callbacks.map { PendingCallback(callback: $0) })
        #expect(restored.nextEvent == EventNumber(4))
        #expect(restored.nextSequences == agent.nextSequences)
        #expect(restored.bootID == "2b6d")
        #expect(try directory.ask("SELECT is_silent FROM event ORDER BY number") == [0, 0, 1])
        #expect(try directory.ask("SELECT at FROM event ORDER BY number") == changes.events.map(\.at.milliseconds))
        #expect(try directory.ask("SELECT reason FROM event ORDER BY number") == ["bootloader", nil, nil])
    }

    @Test mutating func beginningOfAStatus_StaysUntilTheNextOrTheDeviceIsForgotten() throws {
        let began = agent.now
        try store.commit(agent.change(.phone, to: .offline))
        var changes = Changes()
        changes.remember(.sample(.phone, .offline))
        changes.record(
            RecordedEvent(
                event: StatusEvent(
                    number: EventNumber(2), device: .phone, name: "", group: .private, previous: .offline,
                    status: .offline, reason: nil, isSilent: true, platform: nil, port: nil,
                    session: SessionChange(id: SessionID("s"), owner: "ci", kind: .session, end: nil)),
                at: agent.now))
        try store.commit(changes)
        #expect(try store.load().since == [.phone: began])
        agent.nextEvent = EventNumber(3)
        let next = agent.now
        try store.commit(Changes().followed(by: agent.change(.phone, to: .online)))
        #expect(try store.load().since == [.phone: next])
        var forgetting = agent.change(.phone, to: .unplugged)
        forgetting.forget(.phone)
        try store.commit(forgetting)
        changes = Changes()
        changes.remember(.sample(.phone, nil))
        try store.commit(changes)
        #expect(try store.load().since.isEmpty)
    }

    @Test mutating func wordsWithANUL_ComeBackWhole() throws {
        let udid = UDID("serial\0one")
        var changes = agent.change(udid, to: .online, for: [webhooks[0]])
        changes.remember(DeviceRecord(udid: udid, name: "a\0b"))
        changes.remember(DeviceRecord(udid: UDID("serial"), name: "a"))
        try store.commit(changes)
        let restored = try store.whole()
        #expect(Set(restored.devices) == Set(changes.devices.values))
        #expect(restored.pending.map(\.callback) == changes.callbacks)
        var forgetting = Changes()
        forgetting.forget(udid)
        try store.commit(forgetting)
        #expect(try store.whole().devices.map(\.udid) == [UDID("serial")])
    }

    @Test func factsOfThePhone_ComeBack() throws {
        var record = DeviceRecord.sample(.phone, .online)
        for facts in [
            PhoneFacts(name: "Zoë’s", model: "SM-N950F", osVersion: "9"), PhoneFacts(model: "x"), PhoneFacts(),
        ] {
            record.facts = facts
            var changes = Changes()
            changes.remember(record)
            try store.commit(changes)
            #expect(try store.whole().devices == [record])
        }
    }

    @Test func sharedSerial_ComesBack() throws {
        var record = DeviceRecord.sample(.phone, .unplugged)
        record.isSerialShared = true
        var changes = Changes()
        changes.remember(record)
        try store.commit(changes)
        #expect(try store.whole().devices == [record])
    }

    @Test func expectedAbsence_ComesBack_UntilItIsOver() throws {
        var record = DeviceRecord.sample(.phone, .offline)
        for hasBegun in [false, true] {
            let until = WallTime.sample.after(.seconds(600))
            record.expectedAbsence = ExpectedAbsence(until: until, reason: "flashing é", hasBegun: hasBegun)
            var changes = Changes()
            changes.remember(record)
            try store.commit(changes)
            #expect(try store.whole().devices == [record])
        }
        record.expectedAbsence = nil
        var changes = Changes()
        changes.remember(record)
        try store.commit(changes)
        #expect(try store.whole().devices == [record])
    }

    @Test mutating func sameChangesTwice_AreStoredOnce() throws {
        var changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        let callback = changes.callbacks[0]
        let other = changes.callbacks[1]
        changes.attempts = [
            .sample(callback, 1, .http5xx, again: .sample.after(.seconds(5))), .sample(callback, 2, .accepted),
            .sample(other, 1, .cancelled),
        ]
        changes.givenUp = [GivenUp(other.id, as: .cancelled, at: .sample)]
        try store.commit(changes)
        let once = try contents()
        try store.commit(changes)
        #expect(try contents() == once)
        #expect(once.count == 7)
    }

    private func contents() throws -> [String?] {
        try [
            "SELECT udid || name || reported FROM device", "SELECT number || device || at FROM event",
            "SELECT id || state || attempts || settled_at FROM callback",
            "SELECT callback || number || outcome FROM attempt",
        ].flatMap { try directory.ask($0) as [String?] }
    }

    @Test mutating func acceptedAttempt_SettlesItsCallback() throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try store.commit(changes)
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .accepted)))
        #expect(try store.whole().pending.map(\.callback) == [changes.callbacks[1]])
        #expect(try directory.ask("SELECT state FROM callback ORDER BY position") == ["delivered", "pending"])
        #expect(
            try directory.ask("SELECT settled_at FROM callback WHERE settled_at > 0") == [
                WallTime.sample.milliseconds + 3
            ])
    }

    @Test(arguments: Outcome.allCases.filter { $0 != .accepted && $0 != .cancelled })
    mutating func otherOutcome_IsCounted_AndSaysWhenItIsDue(_ outcome: Outcome) throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        try store.commit(changes)
        let due = WallTime.sample.after(.seconds(30))
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .connect, again: .sample)))
        try store.commit(.attempts(.sample(changes.callbacks[0], 2, outcome, again: due)))
        let pending = PendingCallback(
            callback: changes.callbacks[0], attempts: 2, failures: Failures(steps: 2), notBefore: due)
        #expect(try store.whole().pending == [pending])
        #expect(try directory.ask("SELECT outcome FROM attempt WHERE number = 2") == [outcome.rawValue])
    }

    @Test mutating func cancelledAttempt_IsKept_AndNotCounted() throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        try store.commit(changes)
        let due = WallTime.sample.after(.seconds(30))
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .timeout, again: due)))
        try store.commit(.attempts(.sample(changes.callbacks[0], 2, .cancelled)))
        #expect(
            try store.whole().pending == [
                PendingCallback(
                    callback: changes.callbacks[0], attempts: 1, failures: Failures(steps: 1), notBefore: due)
            ])
        try store.commit(.attempts(.sample(changes.callbacks[0], 2, .accepted, at: due)))
        #expect(try store.whole().pending.isEmpty)
        #expect(try directory.ask("SELECT outcome FROM attempt") == ["timeout", "cancelled", "accepted"])
    }

    /// The webhook is deleted while a transfer is on its way, and the receiver accepts it all the same.
    @Test mutating func acceptanceAfterCancellation_IsHistory_AndChangesNoState() throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        try store.commit(changes)
        var cancelling = Changes()
        cancelling.givenUp = [GivenUp(changes.callbacks[0].id, as: .cancelled, at: .sample)]
        try store.commit(cancelling)
        try store.commit(.attempts(.sample(changes.callbacks[0], 1, .accepted)))
        #expect(try directory.ask("SELECT state FROM callback") == ["cancelled"])
        #expect(try directory.ask("SELECT settled_at FROM callback") == [WallTime.sample.milliseconds])
        #expect(try directory.ask("SELECT outcome FROM attempt") == ["accepted"])
    }

    /// Its row may have been pruned while the loop still held it.
    @Test mutating func wordOfAnUnknownCallback_IsDropped() throws {
        let changes = agent.change(.phone, to: .offline, for: [webhooks[0]])
        let unknown = changes.callbacks[0]
        var late = Changes.attempts(
            .sample(unknown, 1, .accepted), .sample(unknown, 1, .cancelled), .sample(unknown, 1, .dns))
        late.givenUp = [GivenUp(unknown.id, as: .expired, at: .sample)]
        try store.commit(late)
        #expect(try directory.ask("SELECT count(*) FROM attempt") == [0])
    }

    @Test mutating func otherEventUnderTheSameNumber_IsRefusedWhole() throws {
        try store.commit(agent.change(.phone, to: .offline, for: webhooks))
        agent.nextEvent = EventNumber(1)
        let contradiction = agent.change(.other, to: .online, for: webhooks)
        let error = #expect(throws: StoreError.self) { try store.commit(contradiction) }
        guard case .inconsistent = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.whole().devices.map(\.udid) == [.phone])
        #expect(try store.whole().pending.count == 2)
    }

    @Test mutating func callbackOfAnUnknownWebhook_IsRefusedWhole() throws {
        let changes = agent.change(.phone, to: .offline, for: [WebhookID(99)])
        let error = #expect(throws: StoreError.self) { try store.commit(changes) }
        guard case .inconsistent = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.whole().nextEvent == EventNumber(1))
    }

    @Test func lastWordOfATurn_Counts() throws {
        var changes = Changes()
        changes.remember(.sample(.phone, .online))
        changes.forget(.phone)
        changes.forget(.other)
        changes.remember(.sample(.other, .online))
        changes.remember(.sample(.other, .offline))
        try store.commit(changes)
        #expect(try store.whole().devices == [.sample(.other, .offline)])
    }

    @Test func batchesPutTogether_KeepTheLastWord() {
        var first = Changes()
        first.remember(.sample(.phone, .online))
        first.forget(.other)
        first.bootID = "1"
        var second = Changes()
        second.forget(.phone)
        second.remember(.sample(.other, .offline))
        let both = first.followed(by: second)
        #expect(both.forgotten == [.phone])
        #expect(both.devices == [.other: .sample(.other, .offline)])
        #expect(both.bootID == "1")
    }

    @Test func suspension_LastsUntilItIsTakenBack() throws {
        var changes = Changes()
        changes.suspensions = [webhooks[0]: true, webhooks[1]: true, WebhookID(99): true]
        try store.commit(changes)
        #expect(try store.whole().suspended == Set(webhooks))
        // A binding is no resumption.
        _ = try store.bind(webhooks: [(nil, "A"), (nil, "B")])
        var later = Changes()
        later.suspensions = [webhooks[0]: false]
        try store.commit(later)
        #expect(try store.whole().suspended == [webhooks[1]])
        #expect(changes.followed(by: later).suspensions[webhooks[0]] == false)
    }

    /// It is deleted while it is suspended, and listed again under its name: it goes on where it was, but it goes on.
    @Test func suspension_EndsWithItsWebhook() throws {
        var changes = Changes()
        changes.suspensions = [webhooks[0]: true]
        try store.commit(changes)
        _ = try store.bind(webhooks: [(nil, "B")])
        // Refused by the disk at first, and tried again after the webhook has gone.
        try store.commit(changes)
        _ = try store.bind(webhooks: [(nil, "A"), (nil, "B")])
        #expect(try store.whole().suspended.isEmpty)
    }

    @Test func nothing_IsNoTransaction() throws {
        #expect(Changes().isEmpty)
        try store.commit(Changes())
    }

    @Test mutating func lockHeldByAnotherProcess_IsSaid_AndPasses() throws {
        let changes = agent.change(.phone, to: .offline, for: webhooks)
        try withLockedDatabase(directory) {
            let error = #expect(throws: StoreError.self) { try store.commit(changes) }
            guard case .locked = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        try store.commit(changes)
        #expect(try store.whole().pending.count == 2)
    }
}
