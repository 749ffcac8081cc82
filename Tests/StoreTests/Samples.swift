import Core
import Store
import TestSupport
import Testing

extension WallTime {
    /// 2023-01-06T04:52:36.963Z, as in the document of the webhook feature.
    static let sample = WallTime(milliseconds: 1_672_980_756_963)

    func after(_ time: Duration) -> WallTime { WallTime(milliseconds: milliseconds + time.wholeMilliseconds) }
}

/// Decides as the agent does: numbers events, gives each callback the next place in its lane.
struct SampleAgent {
    var nextEvent = EventNumber(1)
    var nextSequences: [Lane: Int64] = [:]
    var random: SeededGenerator
    var now = WallTime.sample

    init(seed: UInt64 = 1) { random = SeededGenerator(seed: seed) }

    mutating func change(
        _ udid: UDID, to status: Status, for webhooks: [WebhookID] = [], reason: Reason? = nil, isSilent: Bool = false
    ) -> Changes {
        var changes = Changes()
        let event = StatusEvent(
            number: nextEvent, device: udid, name: "Galaxy Note 8", group: .private, previous: .online, status: status,
            reason: reason, isSilent: isSilent, platform: .android, port: PortPath("1-4.2"))
        nextEvent = nextEvent.next
        changes.remember(.sample(udid, status))
        changes.record(RecordedEvent(event: event, at: now))
        for webhook in webhooks {
            let lane = Lane(webhook: webhook, device: udid)
            let sequence = nextSequences[lane, default: 1]
            nextSequences[lane] = sequence + 1
            changes.callbacks.append(
                Callback(
                    id: CallbackID(using: &random), lane: lane, sequence: sequence, event: event.number, createdAt: now,
                    content: .sample(event.number, webhook)))
        }
        now = now.after(.milliseconds(7))
        return changes
    }

    /// The same, many times, in one batch.
    mutating func changes(_ count: Int, _ udid: UDID, to status: Status, for webhooks: [WebhookID] = []) -> Changes {
        var batch = Changes()
        for _ in 0..<count {
            let one = change(udid, to: status, for: webhooks)
            batch.remember(.sample(udid, status))
            batch.events += one.events
            batch.callbacks += one.callbacks
        }
        return batch
    }
}

extension UDID {
    static let phone = UDID("ce0917198075440c057e")
    static let other = UDID("00008030-001A35E40212402E")
}

extension DeviceRecord {
    static func sample(_ udid: UDID, _ status: Status?) -> DeviceRecord {
        DeviceRecord(
            udid: udid, name: "Galaxy Note 8", platform: .android, port: PortPath("1-4.2"),
            idPath: "pci-0000:00:14.0-usb-0:4.2", reported: status, reason: status == .offline ? .bootloader : nil)
    }
}

extension Attempt {
    static func sample(
        _ callback: Callback, _ number: Int, _ outcome: Outcome, at time: WallTime = .sample, again: WallTime? = nil
    ) -> Attempt {
        Attempt(
            callback: callback.id, number: number, startedAt: time, outcome: outcome,
            statusCode: outcome == .accepted ? 200 : nil, detail: "", duration: .milliseconds(3), wireSends: 1,
            consequence: consequence(number, outcome, again))
    }

    private static func consequence(_ number: Int, _ outcome: Outcome, _ again: WallTime?) -> Consequence {
        switch outcome {
        case .accepted: .delivered
        case .cancelled: .uncounted
        default: .retried(notBefore: again ?? .sample, Failures(steps: number))
        }
    }
}

extension AuditEntry {
    static func sample(_ subject: String, at time: WallTime, before: String = "", after: String = "") -> AuditEntry {
        AuditEntry(
            at: time, actor: "uid 1000 (anna)", action: "webhook.edit", subject: subject, before: before, after: after)
    }
}

extension Changes {
    /// What is known of a batch before its callbacks are made.
    var beginning: Changes {
        var beginning = self
        beginning.callbacks = []
        return beginning
    }

    static func attempts(_ attempts: Attempt...) -> Changes {
        var changes = Changes()
        changes.attempts = attempts
        return changes
    }
}

extension Content {
    /// Every second one has headers of its own.
    static func sample(_ event: EventNumber, _ webhook: WebhookID) -> Content {
        Content(
            body: Array("{\"n\":\(event.value),\"w\":\(webhook.value)}".utf8),
            headers: event.value.isMultiple(of: 2) ? ["ce-id: \(event.value)", "Content-Type: text/plain"] : [])
    }
}

/// All that was left on disk, contents included.
@dynamicMemberLookup
struct Whole: Equatable {
    var restored = Restored()
    var pending: [PendingCallback] = []

    subscript<T>(dynamicMember path: KeyPath<Restored, T>) -> T { restored[keyPath: path] }
}

extension StateStore {
    func whole() throws -> Whole {
        var pending: [PendingCallback] = []
        try loadPending { pending.append($0) }
        #expect(pending.allSatisfy { $0.isOnDisk && $0.callback.content == Content(body: []) })
        let contents = try contents(of: pending.map(\.callback.id))
        return Whole(
            restored: try load(), pending: try pending.map { $0.with(try #require(contents[$0.callback.id])) })
    }
}
