import Core
import Store
import Testing

@testable import Agent

@Suite struct LedgerTests {
    private let start = MonotonicTime(nanoseconds: 0)

    private func device(_ name: String) -> DeviceRecord { DeviceRecord(udid: UDID(name), name: name) }

    @Test func whatIsDecidedDuringACommit_waitsForTheNextBatch_asOne() {
        var ledger = Ledger()
        ledger.add { $0.remember(device("a")) }
        let first = ledger.begin(at: start)
        ledger.add { $0.remember(device("b")) }
        ledger.add { $0.remember(device("c")) }
        #expect(first.map { Set($0.devices.keys) } == [UDID("a")])
        let meanwhile = ledger.begin(at: start)
        #expect(meanwhile == nil, "one batch at a time")
        let committed = ledger.committed(at: start)
        #expect(Set(committed.devices.keys) == [UDID("a")])
        let second = ledger.begin(at: start)
        #expect(second.map { Set($0.devices.keys) } == [UDID("b"), UDID("c")])
    }

    @Test func nothing_isHandedOver_whenNothingWasDecided() {
        var ledger = Ledger()
        let changes = ledger.begin(at: start)
        #expect(changes == nil)
        #expect(ledger.isSettled)
        #expect(ledger.isOnDisk(ledger.openBatch))
    }

    @Test func aRefusedBatch_comesAgainWithWhatFollowed_afterTheInterval() {
        var ledger = Ledger()
        ledger.add { $0.remember(device("a")) }
        _ = ledger.begin(at: start)
        ledger.add { $0.remember(device("b")) }
        ledger.refused(because: "full", at: start)
        #expect(ledger.deadline == start + Ledger.retryInterval)
        #expect(ledger.refusal == "full")
        let early = ledger.begin(at: start + .seconds(4))
        #expect(early == nil)
        let again = ledger.begin(at: start + .seconds(5))
        #expect(again.map { Set($0.devices.keys) } == [UDID("a"), UDID("b")])
    }

    /// The disk's thread is to have no more than the batch that it gets next, and nothing while it has another one.
    @Test func theFirstWordOfABatch_canBeWrittenAlready_ifNothingIsInItsWay() {
        var ledger = Ledger()
        ledger.add { $0.remember(device("a")) }
        let beginning = ledger.prepare()
        #expect(beginning?.devices.keys.map(\.self) == [UDID("a")])
        ledger.add { $0.remember(device("b")) }
        let more = ledger.prepare()
        #expect(more == nil, "once a batch")
        _ = ledger.begin(at: start)
        ledger.add { $0.remember(device("c")) }
        let meanwhile = ledger.prepare()
        #expect(meanwhile == nil, "another batch is under way")
        ledger.refused(because: "full", at: start)
        let refused = ledger.prepare()
        #expect(refused == nil, "the refused one comes first")
        _ = ledger.begin(at: start + .seconds(5))
        _ = ledger.committed(at: start)
        ledger.add { $0.remember(device("d")) }
        let next = ledger.prepare()
        #expect(next?.devices.keys.map(\.self) == [UDID("d")])
    }

    /// The first snapshot's consequences are what readiness waits for: an earlier batch that ends does not stand for them.
    @Test func aBatch_isOnDisk_onlyWhenItself_notAnEarlierOne_wasCommitted() {
        var ledger = Ledger()
        ledger.add { $0.bootID = "boot" }
        _ = ledger.begin(at: start)
        let awaited = ledger.openBatch
        ledger.add { $0.remember(device("a")) }
        _ = ledger.committed(at: start)
        #expect(!ledger.isOnDisk(awaited))
        _ = ledger.begin(at: start)
        #expect(!ledger.isOnDisk(awaited))
        _ = ledger.committed(at: start)
        #expect(ledger.isOnDisk(awaited))
    }

    /// A cable that flaps for a night while the disk is full must not take the memory.
    @Test func whatTheDiskRefuses_isBounded_andTheNewestStays() {
        var ledger = Ledger()
        ledger.add { $0.remember(device("a")) }
        _ = ledger.begin(at: start)
        ledger.refused(because: "full", at: start)
        let lane = Lane(webhook: WebhookID(1), device: UDID("a"))
        for number in 1...100_000 {
            let callback = Callback(
                id: CallbackID("msg_\(number)"), lane: lane, sequence: Int64(number), event: EventNumber(Int64(number)),
                createdAt: WallTime(milliseconds: 0), content: Content(body: []))
            let attempt = Attempt(
                callback: callback.id, number: 1, startedAt: WallTime(milliseconds: 0),
                outcome: number == 7 ? .accepted : .rejected, statusCode: nil, detail: "", duration: .zero,
                wireSends: 1,
                consequence: number == 7 ? .delivered : .dead(.rejected))
            ledger.add {
                $0.callbacks.append(callback)
                $0.attempts.append(attempt)
            }
        }
        #expect((Ledger.mostRefused...2 * Ledger.mostRefused).contains(ledger.open.callbacks.count))
        #expect(ledger.open.callbacks.last?.sequence == 100_000)
        #expect(ledger.totals.lost == 100_000 - ledger.open.callbacks.count)
        #expect(ledger.open.attempts.count <= 2 * Ledger.mostRefused + 1)
        #expect(ledger.open.attempts.contains { $0.outcome == .accepted })
        #expect(ledger.open.devices.keys.contains(UDID("a")))
    }
}
