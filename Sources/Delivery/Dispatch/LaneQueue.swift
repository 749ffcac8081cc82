internal import Core
internal import DequeModule

/// What waits in one lane, oldest first. Never empty: a lane without callbacks is forgotten.
struct LaneQueue {
    /// ```
    /// waiting ─(its moment comes)─► ready ─(claimed)─► inFlight ─(accepted, more behind it)─► waiting | ready
    ///    ▲                            ▲                    ├──(failed)──────► waiting
    ///    └────────── a new lane ──────┘                    └──(cancelled)───► ready
    /// ```
    enum State: Hashable {
        /// In the `DueQueue`.
        case waiting
        /// In its webhook's `ready`.
        case ready
        case inFlight
    }

    struct Item {
        var pending: PendingCallback
        /// Nil means at once.
        var due: MonotonicTime?
    }

    var items: Deque<Item>
    var state: State
}
