// Who has which phone, and who waits for one.
extension Tracker {
    /// How long a start on a phone that is not ready waits for its sensor to have looked again.
    static let secondLook = Duration.seconds(2)

    mutating func request(_ request: SessionRequest, at now: MonotonicTime) {
        guard holders[request.id] == nil, !waiting.contains(request.id) else {
            return refuse(request, .nameTaken)
        }
        switch place(for: request) {
        case .success(let udid): begin(request.session(at: now), on: udid)
        case .failure(let obstacle): wait(for: request, instead: obstacle.refusal, at: now)
        }
    }

    private mutating func wait(for request: SessionRequest, instead refusal: SessionRefusal, at now: MonotonicTime) {
        var patience = request.patience
        var finalRefusal = SessionRefusal.waitedInVain
        if case .device(let udid) = request.target, case .notReady = refusal, isSensed(udid) {
            actions.append(.lookAgain(udid))
            if patience < Self.secondLook { (patience, finalRefusal) = (Self.secondLook, refusal) }
        }
        guard patience > .zero, refusal != .unknownDevice else { return refuse(request, refusal) }
        guard !waiting.isFull else { return refuse(request, .tooManyWaiting) }
        waiting.append(
            WaitingQueue.Waiter(request: request, since: now, deadline: now + patience, refusal: finalRefusal))
        actions.append(.sessionWaits(request.id, position: waiting.waiters.count))
    }

    private mutating func refuse(_ request: SessionRequest, _ refusal: SessionRefusal) {
        actions.append(.sessionRefused(request.id, refusal))
    }

    /// A phone that somebody gives back and another waits for goes from one to the other, and is not online between.
    mutating func handOver(at now: MonotonicTime) {
        guard !waiting.isEmpty else { return }
        changed += touchedUtilized
        _ = serveWaiting(at: now)
    }

    /// Gives what may have become free to the first in the queue who can have it; true when somebody got something.
    mutating func serveWaiting(at now: MonotonicTime) -> Bool {
        let candidates = changed
        changed = []
        guard !waiting.isEmpty else { return false }
        var served = false
        for waiter in waiting.waiters {
            let request = waiter.request
            guard let udid = candidates.first(where: { obstacle(to: request, on: $0) == nil && fits(request, $0) })
            else { continue }
            _ = waiting.remove(request.id)
            begin(request.session(at: now), on: udid)
            served = true
        }
        return served
    }

    private mutating func begin(_ session: Session, on udid: UDID) {
        touch(udid) { $0.sessions.start(session) }
        holders[session.id] = udid
        actions.append(.sessionStarted(udid, session))
        record(SessionChange(session, end: nil), on: udid)
    }

    mutating func heartbeat(_ id: SessionID, at now: MonotonicTime) { change(id) { $0.heartbeat(at: now) } }

    mutating func resume(_ id: SessionID) { change(id) { $0.resume() } }

    private mutating func change(_ id: SessionID, _ change: (inout Session) -> Void) {
        guard let udid = holders[id] else { return }
        var changed: Session?
        touch(udid) { changed = $0.sessions.change(id, change) }
        if let changed { actions.append(.sessionChanged(udid, changed)) }
    }

    /// Also of one that waits: it is taken out of the queue.
    mutating func end(_ id: SessionID, _ end: SessionEnd) {
        if waiting.remove(id) { return actions.append(.sessionWithdrawn(id)) }
        guard let udid = holders.removeValue(forKey: id) else { return }
        var ended: Session?
        touch(udid) { phone in
            ended = phone.sessions.end(id)
            phone.lastFreed = phone.lastTouched
        }
        guard let ended else { return }
        actions.append(.sessionEnded(udid, ended, end))
        record(SessionChange(ended, end: end), on: udid)
    }

    /// Ends what is over by now, on one phone.
    mutating func endSessionsOver(on udid: UDID, at now: MonotonicTime) {
        for (id, end) in devices[udid]?.sessions.over(at: now) ?? [] { self.end(id, end) }
    }

    /// Refuses those who have waited for as long as they wanted to.
    mutating func refuseWhoWaitedLongEnough(_ now: MonotonicTime) {
        for waiter in waiting.takeDue(now) {
            let obstacle =
                if case .device(let udid) = waiter.request.target { self.obstacle(to: waiter.request, on: udid) } else {
                    nil as SessionRefusal?
                }
            // The latest reason, of a second look.
            if case .notReady = waiter.refusal, let obstacle {
                refuse(waiter.request, obstacle)
            } else {
                refuse(waiter.request, waiter.refusal)
            }
        }
    }

    // MARK: - Observed

    /// All that a watcher sees now. Never refused, and it takes nothing from anybody.
    mutating func observe(_ seen: [ObservedSession], by watcher: String, at now: MonotonicTime) {
        let before = observed(by: watcher)
        let ids = Set(seen.map(\.id))
        for id in before where !ids.contains(id) { end(id, .released) }
        for one in seen {
            if let udid = holders[one.id] {
                // Of another watcher's, or one that has moved to another phone under its old name, nothing is known.
                if udid == one.device, before.contains(one.id) { resumeIfLost(one.id) }
                continue
            }
            guard let device = devices[one.device], device.record.reported != .unplugged, !device.sessions.isFull
            else { continue }
            begin(
                Session(
                    id: one.id, owner: one.owner, startedBy: watcher, binding: .observed(by: watcher), startedAt: now,
                    timeToLive: nil, lastDeadline: nil, idleDeadline: nil),
                on: one.device)
        }
    }

    /// The watcher sees nothing any more: what it saw last stands until the grace is over.
    mutating func loseWatcher(_ watcher: String, at now: MonotonicTime) {
        let deadline = now + settings.observerGrace
        for id in observed(by: watcher) { change(id) { $0.lose(until: deadline) } }
    }

    private func observed(by watcher: String) -> [SessionID] {
        holders.compactMap { id, udid in
            devices[udid]?.sessions.sessions[id]?.binding == .observed(by: watcher) ? id : nil
        }.sorted { $0.description < $1.description }
    }

    private mutating func resumeIfLost(_ id: SessionID) {
        guard let udid = holders[id], devices[udid]?.sessions.sessions[id]?.idleDeadline != nil else { return }
        resume(id)
    }

    // MARK: - What is free

    private struct Obstacle: Error { let refusal: SessionRefusal }

    private func place(for request: SessionRequest) -> Result<UDID, Obstacle> {
        switch request.target {
        case .device(let udid):
            return obstacle(to: request, on: udid).map { .failure(Obstacle(refusal: $0)) } ?? .success(udid)
        case .any(let filter):
            let known = devices.values.filter { filter.matches($0.record, labels: labels(of: $0.record.udid)) }
            let free = known.filter { isFree($0, for: request) }.min {
                // The one that was left alone longest: so that phones wear evenly.
                ($0.lastFreed, $0.record.udid.description) < ($1.lastFreed, $1.record.udid.description)
            }
            return free.map { .success($0.record.udid) } ?? .failure(Obstacle(refusal: .noneFree(known: known.count)))
        }
    }

    private func fits(_ request: SessionRequest, _ udid: UDID) -> Bool {
        guard let device = devices[udid] else { return false }
        return switch request.target {
        case .device(let wanted): wanted == udid
        case .any(let filter):
            filter.matches(device.record, labels: labels(of: udid)) && isFree(device, for: request)
        }
    }

    /// Online, not on the point of going offline, and nobody has it; nor is it held for somebody else.
    private func isFree(_ device: TrackedDevice, for request: SessionRequest) -> Bool {
        device.status == .online && (device.record.reported == .online || device.record.reported == .utilizing)
            && device.hindrance == nil && device.record.expectedAbsence == nil
            && !device.sessions.isFull
            && device.sessions.sessions.values.allSatisfy { !$0.counts && $0.owner == request.owner }
    }

    /// Why it cannot start there now.
    private func obstacle(to request: SessionRequest, on udid: UDID) -> SessionRefusal? {
        // One that the configuration ignores is not there for anybody.
        guard let device = devices[udid] else { return .unknownDevice }
        guard device.record.reported != .unplugged else { return .notPresent }
        if request.kind != .reserved {
            let others = device.sessions.inOrder.filter { $0.counts && (request.isExclusive || $0.isExclusive) }
            if !others.isEmpty { return .held(others.map(\.id)) }
        }
        guard !device.sessions.isFull else { return .tooMany }
        if device.record.reported == .offline, !request.isForced, let reason = device.hindrance {
            return .notReady(reason)
        }
        return nil
    }

    private func labels(of udid: UDID) -> [String: String] { settings.listed[udid: udid]?.labels ?? [:] }

    /// Whether a sensor, asked again, may say something else: a mode is what it is.
    private func isSensed(_ udid: UDID) -> Bool {
        guard let device = devices[udid], let platform = device.record.platform, let position = device.positions.last
        else { return false }
        return settings.sensed.contains(platform) && registry[position]?.mode.reason == nil && !device.isDuplicate
    }
}

/// A live session, and the phone that it is on.
package struct HeldPhone: Hashable, Sendable {
    package let udid: UDID
    package let name: String
    package let platform: Platform?
    package let session: Session

    package init(udid: UDID, name: String, platform: Platform?, session: Session) {
        self.udid = udid
        self.name = name
        self.platform = platform
        self.session = session
    }
}

/// Somebody who waits for a phone.
package struct WaitingRequest: Hashable, Sendable {
    package let request: SessionRequest
    package let since: MonotonicTime
    package let until: MonotonicTime
}

extension Tracker {
    /// All live sessions, in the order of their start.
    package var sessions: [HeldPhone] {
        holders.keys.compactMap(session).sorted {
            ($0.session.startedAt, $0.session.id.description) < ($1.session.startedAt, $1.session.id.description)
        }
    }

    package func session(_ id: SessionID) -> HeldPhone? {
        guard let udid = holders[id], let device = devices[udid], let session = device.sessions.sessions[id]
        else { return nil }
        return HeldPhone(
            udid: udid, name: device.record.name, platform: device.record.platform, session: session)
    }

    /// Of one phone, in the order of their start.
    package func sessions(on udid: UDID) -> [Session] { devices[udid]?.sessions.inOrder ?? [] }

    /// Those who wait, in order; a start that only waits for a second look at its phone is among them.
    package var waitingRequests: [WaitingRequest] {
        waiting.waiters.map { WaitingRequest(request: $0.request, since: $0.since, until: $0.deadline) }
    }
}
