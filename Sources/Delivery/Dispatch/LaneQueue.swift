internal import Core
internal import DequeModule

/// What waits in one lane, oldest first. Never empty: a lane without callbacks is forgotten.
struct LaneQueue {
    /// ```
    /// waiting ─(its moment comes)─► ready ─(claimed)─► inFlight ─(accepted, more behind it)─► waiting | ready
    ///    ▲                            ▲                    ├──(failed)──────► waiting
    ///    └────────── a new lane ──────┘                    ├──(cancelled)───► ready
    ///                                                      └──(taken out)───► abandoned
    /// abandoned ─(its end, whatever it is; more behind it)─► waiting | ready
    /// ```
    enum State: Hashable {
        /// In the `DueQueue`.
        case waiting
        /// In its webhook's `ready`.
        case ready
        case inFlight
        /// In flight, but taken out: with its end, whatever that is, the head goes.
        case abandoned
    }

    /// A `PendingCallback` without what its lane says already, in few bytes: there may be 100,000 of them.
    struct Item {
        let id: CallbackID
        private var steps: UInt16
        private var rejections: UInt16
        private var attemptCount: UInt32
        /// Nil means at once.
        var due: MonotonicTime?
        private let committedAt: MonotonicTime?
        private let sequence: Int64
        let event: EventNumber
        let createdAt: WallTime
        /// Nil while it is on disk.
        private let body: [UInt8]?
        private let headers: [String]
        /// When it is given up.
        var expiry: MonotonicTime

        /// With `isLean`, without the content.
        init(_ pending: PendingCallback, due: MonotonicTime?, expiry: MonotonicTime, isLean: Bool) {
            let callback = pending.callback
            id = callback.id
            steps = UInt16(clamping: pending.failures.steps)
            rejections = UInt16(clamping: pending.failures.rejections)
            attemptCount = UInt32(clamping: pending.attempts)
            self.due = due
            committedAt = pending.committedAt
            sequence = callback.sequence
            event = callback.event
            createdAt = callback.createdAt
            let isLean = isLean || pending.isOnDisk
            body = isLean ? nil : callback.content.body
            headers = isLean ? [] : callback.content.headers
            self.expiry = expiry
        }

        var attempts: Int {
            get { Int(attemptCount) }
            set { attemptCount = UInt32(clamping: newValue) }
        }

        var failures: Failures {
            get { Failures(steps: Int(steps), rejections: Int(rejections)) }
            set { (steps, rejections) = (UInt16(clamping: newValue.steps), UInt16(clamping: newValue.rejections)) }
        }

        func pending(in lane: Lane) -> PendingCallback {
            let callback = Callback(
                id: id, lane: lane, sequence: sequence, event: event, createdAt: createdAt,
                content: Content(body: body ?? [], headers: headers))
            let pending = PendingCallback(
                callback: callback, attempts: attempts, failures: failures, committedAt: committedAt)
            return body == nil ? pending.lean : pending
        }
    }

    var items: Deque<Item>
    var state: State

    var isHeadAway: Bool { state == .inFlight || state == .abandoned }

    /// Takes out all that is pending, and returns it. A head in flight stays until its end; without one the lane is left
    /// empty, to be forgotten.
    mutating func takeOut() -> [CallbackID] {
        let ids = items.map(\.id)
        switch state {
        case .waiting, .ready:
            items = []
            return ids
        case .inFlight:
            items = [items[0]]
            state = .abandoned
            return ids
        case .abandoned:
            items = [items[0]]
            return Array(ids.dropFirst())
        }
    }
}
