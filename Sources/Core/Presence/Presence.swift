/// Is the USB device there: decided by the kernel's USB layer alone, debounced when it leaves.
///
///     unconfirmed ─ attached ─► present ─ detached ─► leaving ─ heldLongEnough ─► absent
///          │                       ▲ ▲                   │                          │
///          │                       │ └───── attached ────┘                          │
///          │                       └──────────────── attached ──────────────────────┘
///          └─ missed by the first snapshot ─► leaving
package enum Presence: Hashable, Sendable {
    /// Nothing is known yet: no snapshot since the start.
    case unconfirmed
    case present
    /// Gone, but not for long enough to count.
    case leaving(until: MonotonicTime)
    case absent

    package mutating func attached() { self = .present }

    /// Late and repeated calls change nothing: the settle time runs from the first.
    package mutating func detached(until deadline: MonotonicTime) {
        switch self {
        case .present, .unconfirmed: self = .leaving(until: deadline)
        case .leaving, .absent: break
        }
    }

    /// Another phone is on its port: no need to wait.
    package mutating func replaced() { self = .absent }

    package mutating func timePassed(_ now: MonotonicTime) {
        if case .leaving(let deadline) = self, deadline <= now { self = .absent }
    }

    package var deadline: MonotonicTime? {
        if case .leaving(let deadline) = self { deadline } else { nil }
    }
}
