package import Core

/// A callback that was given up without an attempt that says so.
package struct GivenUp: Hashable, Sendable {
    package let callback: CallbackID
    package let ending: Ending
    package let at: WallTime

    package init(_ callback: CallbackID, as ending: Ending, at: WallTime) {
        self.callback = callback
        self.ending = ending
        self.at = at
    }
}

/// All that one turn of the loop decided: one transaction.
package struct Changes: Hashable, Sendable {
    /// What each device that changed is to be remembered as; the last word of the turn.
    package private(set) var devices: [UDID: DeviceRecord] = [:]
    package private(set) var forgotten: Set<UDID> = []
    /// When the status of these devices began, where that is in this turn.
    package private(set) var since: [UDID: WallTime] = [:]
    package var events: [RecordedEvent] = []
    package var callbacks: [Callback] = []
    package var attempts: [Attempt] = []
    package var givenUp: [GivenUp] = []
    /// The webhooks that were suspended (true) or resumed; the last word of the turn.
    package var suspensions: [WebhookID: Bool] = [:]
    package var audit: [AuditEntry] = []
    /// Sessions that have started or have other deadlines; the last word of the turn.
    package private(set) var sessions: [SessionID: StoredSession] = [:]
    /// Those that are over, started in the same turn or before.
    package private(set) var endedSessions: [SessionID: SessionEnding] = [:]
    /// Browsers that have signed in to the page; nil for those that are signed out. The last word of the turn.
    package private(set) var pageSessions: [TokenDigest: PageSession?] = [:]
    /// The kernel's name for this boot, when it is to be remembered.
    package var bootID: String?
    /// The platforms whose sensors this host has had, when that is to be remembered.
    package var sensed: Set<Platform>?

    package init() {}

    package mutating func remember(_ device: DeviceRecord) {
        forgotten.remove(device.udid)
        devices[device.udid] = device
    }

    package mutating func forget(_ device: UDID) {
        devices[device] = nil
        since[device] = nil
        forgotten.insert(device)
    }

    /// The device whose status it changes is to be remembered in the same turn.
    package mutating func record(_ recorded: RecordedEvent) {
        events.append(recorded)
        if recorded.event.session == nil { since[recorded.event.device] = recorded.at }
    }

    /// One that has started, also under the name of one that is over: a watcher may see it again.
    package mutating func keep(_ session: StoredSession) {
        endedSessions[session.id] = nil
        sessions[session.id] = session
    }

    package mutating func end(_ session: SessionID, _ ending: SessionEnding) { endedSessions[session] = ending }

    package mutating func keep(_ session: PageSession) { pageSessions[session.digest] = .some(session) }

    package mutating func end(_ session: PageSession) { pageSessions[session.digest] = .some(nil) }

    package var isEmpty: Bool { rows == 0 }

    /// Whether the events of both are the same ones, as far as `beginning` has any, and its devices are among these.
    func begins(with beginning: Changes) -> Bool {
        events.count >= beginning.events.count
            && zip(events, beginning.events).allSatisfy { $0.event.number == $1.event.number }
            && beginning.devices.keys.allSatisfy { devices[$0] != nil || forgotten.contains($0) }
    }

    /// How many rows are written, about.
    var rows: Int {
        devices.count + forgotten.count + events.count + callbacks.count + attempts.count + givenUp.count
            + suspensions.count + audit.count + sessions.count + endedSessions.count + pageSessions.count
            + (bootID == nil ? 0 : 1)
            + (sensed == nil ? 0 : 1)
    }

    /// Forgets the oldest of what grows without end when no disk takes it, and returns how many callbacks are lost by that.
    ///
    /// What each phone, session and webhook is now stays, and so does each acceptance; no more than this many events, of
    /// their callbacks, of failed attempts and of entries of the audit trail.
    package mutating func forgetAllBut(_ count: Int) -> Int {
        guard max(events.count, callbacks.count, attempts.count, audit.count) > 2 * count else { return 0 }
        events.removeFirst(max(0, events.count - count))
        let lost = max(0, callbacks.count - count)
        callbacks.removeFirst(lost)
        audit.removeFirst(max(0, audit.count - count))
        let late = attempts.suffix(count)
        attempts = attempts.dropLast(count).filter { $0.outcome == .accepted } + late
        return lost
    }

    /// Both in one, in this order: for a batch that the disk refused and what was decided since.
    package func followed(by later: Changes) -> Changes {
        var both = self
        for device in later.devices.values { both.remember(device) }
        for device in later.forgotten { both.forget(device) }
        both.since.merge(later.since) { $1 }
        both.events += later.events
        both.callbacks += later.callbacks
        both.attempts += later.attempts
        both.givenUp += later.givenUp
        both.suspensions.merge(later.suspensions) { $1 }
        both.audit += later.audit
        for session in later.sessions.values { both.keep(session) }
        for (session, ending) in later.endedSessions { both.end(session, ending) }
        both.pageSessions.merge(later.pageSessions) { $1 }
        both.bootID = later.bootID ?? bootID
        both.sensed = later.sensed ?? sensed
        return both
    }
}
