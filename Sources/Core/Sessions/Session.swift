/// The name of a session: given once, never again.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// What a session lives by, beside its deadlines.
package enum SessionBinding: Hashable, Sendable {
    /// Nothing else: its owner sends heartbeats.
    case lease
    case process(BoundProcess)
    /// The connection by which it was started.
    case connection
    /// Nobody asked for it: a watcher of that name sees it, and says when it is over.
    case observed(by: String)
}

/// A process that is not mistaken for a later one of the same number.
package struct BoundProcess: Hashable, Sendable {
    package let pid: Int32
    /// Field 22 of `/proc/PID/stat`: clock ticks since the boot (`proc(5)`).
    package let startTime: UInt64

    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }
}

/// Somebody uses a phone now: a lease with an owner, and its deadlines.
package struct Session: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case session, cleanup
        /// Held for somebody, not used: does not count as utilizing.
        case reserved
    }

    package let id: SessionID
    /// Whom it is for, in the words of whoever started it.
    package let owner: String
    /// Who started it, as the audit trail names people; for one that was observed, the watcher.
    package let startedBy: String
    package let kind: Kind
    package let labels: [String: String]
    /// No other that counts may be on the phone at the same time.
    package let isExclusive: Bool
    package let binding: SessionBinding
    package let startedAt: MonotonicTime
    /// How long it lives without a heartbeat; nil: it needs none, for it is bound to something that lives.
    package let timeToLive: Duration?
    /// When it ends whatever its heartbeats say; nil for one that is only observed.
    package let lastDeadline: MonotonicTime?
    /// When it ends without a heartbeat, or because what it is bound to is not to be seen; nil: nothing is missed.
    package private(set) var idleDeadline: MonotonicTime?

    package init(
        id: SessionID, owner: String, startedBy: String, kind: Kind = .session, labels: [String: String] = [:],
        isExclusive: Bool = false, binding: SessionBinding = .lease, startedAt: MonotonicTime, timeToLive: Duration?,
        lastDeadline: MonotonicTime?, idleDeadline: MonotonicTime?
    ) {
        self.id = id
        self.owner = owner
        self.startedBy = startedBy
        self.kind = kind
        self.labels = labels
        self.isExclusive = isExclusive
        self.binding = binding
        self.startedAt = startedAt
        self.timeToLive = timeToLive
        self.lastDeadline = lastDeadline
        self.idleDeadline = idleDeadline
    }

    package var deadline: MonotonicTime? { [idleDeadline, lastDeadline].compactMap(\.self).min() }
    package var counts: Bool { kind != .reserved }

    /// When its owner was last heard of; nil for one that needs no heartbeat.
    package var lastHeartbeat: MonotonicTime? {
        guard let timeToLive, let idleDeadline else { return nil }
        return MonotonicTime(nanoseconds: 0) + (idleDeadline - MonotonicTime(nanoseconds: 0) - timeToLive)
    }

    mutating func heartbeat(at now: MonotonicTime) {
        if let timeToLive { idleDeadline = now + timeToLive }
    }

    /// What it is bound to is not to be seen; it ends if that lasts.
    mutating func lose(until deadline: MonotonicTime) { idleDeadline = idleDeadline ?? deadline }

    /// What it is bound to is there again.
    mutating func resume() {
        if timeToLive == nil { idleDeadline = nil }
    }

    /// Why it is over at that time; nil while it is not.
    func end(at now: MonotonicTime) -> SessionEnd? {
        if let lastDeadline, lastDeadline <= now { return .expired }
        guard let idleDeadline, idleDeadline <= now else { return nil }
        return switch binding {
        case .lease, .observed: .expired
        case .process: .processExited
        case .connection: .connectionClosed
        }
    }
}

/// Why a session is over.
package enum SessionEnd: String, Hashable, Sendable, CaseIterable {
    /// Whoever had it has given it back, or is not seen to use the phone any more.
    case released
    case expired, processExited, connectionClosed, deviceUnplugged
    /// Somebody else has ended it, or the configuration does not want to know of the phone any more.
    case revoked
}

/// The start or the end of a session, as it stands in the history of events.
package struct SessionChange: Hashable, Sendable {
    package let id: SessionID
    package let owner: String
    package let kind: Session.Kind
    /// Nil: it has started.
    package let end: SessionEnd?

    package init(id: SessionID, owner: String, kind: Session.Kind, end: SessionEnd?) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.end = end
    }

    init(_ session: Session, end: SessionEnd?) {
        self.init(id: session.id, owner: session.owner, kind: session.kind, end: end)
    }
}

/// A session that a watcher sees and nobody asked for.
package struct ObservedSession: Hashable, Sendable {
    package let id: SessionID
    package let device: UDID
    package let owner: String

    package init(id: SessionID, device: UDID, owner: String) {
        self.id = id
        self.device = device
        self.owner = owner
    }
}
