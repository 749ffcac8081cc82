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

    struct Item {
        var pending: PendingCallback
        /// Nil means at once.
        var due: MonotonicTime?
        /// When it is given up.
        var expiry: MonotonicTime
    }

    var items: Deque<Item>
    var state: State

    var isHeadAway: Bool { state == .inFlight || state == .abandoned }

    /// Takes out all that is pending, and returns it. A head in flight stays until its end; without one the lane is left
    /// empty, to be forgotten.
    mutating func takeOut() -> [CallbackID] {
        let ids = items.map(\.pending.callback.id)
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
