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
    package let idle: Deadline?
    package let last: Deadline?

    package init(
        id: SessionID, device: UDID, owner: String, startedBy: String, kind: Session.Kind, labels: [String: String],
        isExclusive: Bool, binding: SessionBinding, startedAt: WallTime, timeToLive: Duration?, idle: Deadline?,
        last: Deadline?
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
    }

    package init(_ session: Session, on device: UDID, at now: ClockReading) {
        self.init(
            id: session.id, device: device, owner: session.owner, startedBy: session.startedBy, kind: session.kind,
            labels: session.labels, isExclusive: session.isExclusive, binding: session.binding,
            startedAt: now.wall + (session.startedAt - now.monotonic), timeToLive: session.timeToLive,
            idle: session.idleDeadline.map { Deadline($0, at: now) },
            last: session.lastDeadline.map { Deadline($0, at: now) })
    }

    /// As the tracker is to go on with it.
    ///
    /// Whatever the clocks say meanwhile, no deadline is farther away than it ever was: a heartbeat's not more than the
    /// time to live, the last one not more than the whole time from the start to it.
    package func restored(at now: ClockReading, isNewBoot: Bool) -> RestoredSession {
        let elapsed = max(now.wall - startedAt, .zero)
        return RestoredSession(
            device: device,
            session: Session(
                id: id, owner: owner, startedBy: startedBy, kind: kind, labels: labels, isExclusive: isExclusive,
                binding: binding, startedAt: now.monotonic - elapsed,
                timeToLive: timeToLive,
                lastDeadline: last.map {
                    now.monotonic + min($0.left(at: now, isNewBoot), max($0.wall - startedAt, .zero))
                },
                idleDeadline: idle.map { deadline in
                    let left = deadline.left(at: now, isNewBoot)
                    return now.monotonic + (timeToLive.map { min(left, $0) } ?? left)
                }))
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
