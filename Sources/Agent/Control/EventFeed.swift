internal import ControlAPI
internal import Core
internal import Linux
internal import Synchronization

/// Hands events to those who follow them live. Never waits for a reader; safe to call from any thread.
final class EventFeed: Sendable {
    private struct Reader {
        let stream: AsyncStream<EventView>.Continuation
        let wasCutOff: Flag
    }

    private struct Readers {
        var next = 0
        var all: [Int: Reader] = [:]
    }

    private let readers = Locked(Readers())

    /// At most `limit` events wait for this reader. One that is further behind has its stream ended, rather than being
    /// shown a history with holes: it can resume by number from the disk.
    func subscribe(limit: Int) -> EventSubscription {
        let wasCutOff = Flag()
        let (stream, continuation) = AsyncStream.makeStream(
            of: EventView.self, bufferingPolicy: .bufferingOldest(limit))
        let id = readers.withLock { readers in
            readers.next += 1
            readers.all[readers.next] = Reader(stream: continuation, wasCutOff: wasCutOff)
            return readers.next
        }
        continuation.onTermination = { [weak self] _ in self?.leave(id) }
        return EventSubscription(events: stream) { wasCutOff.isSet }
    }

    /// What is on disk now, in order.
    func publish(_ recorded: [RecordedEvent]) {
        let everyone = everyone
        guard !everyone.isEmpty else { return }
        let events = recorded.map(EventView.init)
        for reader in everyone {
            for event in events {
                guard case .dropped = reader.stream.yield(event) else { continue }
                reader.wasCutOff.set()
                reader.stream.finish()
                break
            }
        }
    }

    var count: Int { readers.withLock { $0.all.count } }

    /// Ends all streams: the agent stops.
    func finish() {
        for reader in everyone { reader.stream.finish() }
    }

    /// Ending a stream calls `leave`, so that nothing is ended under the lock.
    private var everyone: [Reader] { readers.withLock { Array($0.all.values) } }

    private func leave(_ id: Int) { readers.withLock { $0.all[id] = nil } }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
