package import Core

/// A session as it is on disk: its deadlines on the clocks that go on without this process.
package struct StoredSession: Hashable, Sendable {
    /// By the boot clock within one boot, by the wall clock after another.
    package struct Deadline: Hashable, Sendable {
        package let boot: BootTime
        package let wall: WallTime

        package init(boot: BootTime, wall: WallTime) {
            self.boot = boot
            self.wall = wall
        }
    }

    package let id: SessionID
    package let device: UDID
    package let owner: String
    package let startedBy: String
    package let kind: Session.Kind
    package let labels: [String: String]
    package let isExclusive: Bool
    package let binding: SessionBinding
    package let startedAt: WallTime
    package let timeToLive: Duration?
    /// When the next heartbeat is due; nil for one that needs none.
    package let idle: Deadline?
    package let last: Deadline?
    /// From the start to the last deadline.
    package let longest: Duration?

    package init(
        id: SessionID, device: UDID, owner: String, startedBy: String, kind: Session.Kind, labels: [String: String],
        isExclusive: Bool, binding: SessionBinding, startedAt: WallTime, timeToLive: Duration?, idle: Deadline?,
        last: Deadline?, longest: Duration?
    ) {
        self.id = id
        self.device = device
        self.owner = owner
        self.startedBy = startedBy
        self.kind = kind
        self.labels = labels
        self.isExclusive = isExclusive
        self.binding = binding
        self.startedAt = startedAt
        self.timeToLive = timeToLive
        self.idle = idle
        self.last = last
        self.longest = longest
    }

    package init(_ session: Session, on device: UDID, at now: ClockReading) {
        self.init(
            id: session.id, device: device, owner: session.owner, startedBy: session.startedBy, kind: session.kind,
            labels: session.labels, isExclusive: session.isExclusive, binding: session.binding,
            startedAt: now.wall + (session.startedAt - now.monotonic), timeToLive: session.timeToLive,
            idle: session.timeToLive == nil ? nil : session.idleDeadline.map { Deadline($0, at: now) },
            last: session.lastDeadline.map { Deadline($0, at: now) },
            longest: session.lastDeadline.map { $0 - session.startedAt })
    }

    /// As the tracker is to go on with it.
    ///
    /// Whatever the wall clock was set to meanwhile, no deadline is farther away than it could ever be: a heartbeat's not
    /// more than the time to live, the last one not more than the whole time from the start to it.
    package func restored(at now: ClockReading, isNewBoot: Bool) -> RestoredSession {
        func deadline(_ stored: Deadline?, within most: Duration?) -> MonotonicTime? {
            guard let stored, let most else { return nil }
            return now.monotonic + min(stored.left(at: now, isNewBoot), most)
        }
        return RestoredSession(
            device: device,
            session: Session(
                id: id, owner: owner, startedBy: startedBy, kind: kind, labels: labels, isExclusive: isExclusive,
                binding: binding, startedAt: now.monotonic - max(now.wall - startedAt, .zero), timeToLive: timeToLive,
                lastDeadline: deadline(last, within: longest), idleDeadline: deadline(idle, within: timeToLive)))
    }
}

extension StoredSession.Deadline {
    fileprivate init(_ time: MonotonicTime, at now: ClockReading) {
        let left = time - now.monotonic
        self.init(boot: now.boot + left, wall: now.wall + left)
    }

    /// Zero when it is over.
    fileprivate func left(at now: ClockReading, _ isNewBoot: Bool) -> Duration {
        max(isNewBoot ? wall - now.wall : boot - now.boot, .zero)
    }
}

extension MonotonicTime {
    fileprivate static func - (a: Self, b: Duration) -> Self { a + (.zero - b) }
}

/// How a session ended.
package struct SessionEnding: Hashable, Sendable {
    package let reason: SessionEnd
    package let at: WallTime

    package init(reason: SessionEnd, at: WallTime) {
        self.reason = reason
        self.at = at
    }
}

/// A session of which the database knows.
package struct SessionHistory: Hashable, Sendable {
    package let session: StoredSession
    /// Nil: it lives.
    package let ending: SessionEnding?

    package init(session: StoredSession, ending: SessionEnding?) {
        self.session = session
        self.ending = ending
    }
}
