/// The status of every phone: facts go in, status events come out. Pure: no clock, no disk, no system call.
///
/// `handle(_:at:)` is the only door. Its times must not run backwards. No input can make it trap, and its memory is
/// bounded whatever comes.
package struct Tracker: Sendable {
    package private(set) var settings: TrackerSettings
    private let startedAt: MonotonicTime
    private let startSettle: Duration
    private var nextEvent: EventNumber
    /// The phone of each live session.
    var holders: [SessionID: UDID] = [:]
    var waiting = WaitingQueue()
    /// Phones that something was heard of since the waiting were last served, in that order.
    var changed: [UDID] = []
    private var hasSnapshot = false
    private var ordinal: UInt64 = 0

    var registry = AttachmentRegistry()
    private(set) var devices: [UDID: TrackedDevice] = [:]
    private var unlistedCount = 0
    /// What the sensors said last; they may know a phone before the kernel's news of it has come.
    private(set) var verdicts: [UDID: Verdict] = [:]
    /// Only of the devices that wait for something.
    private(set) var deadlines: [UDID: MonotonicTime] = [:]
    /// Devices that the input at hand has touched, with their records before it.
    private var touched: [UDID: DeviceRecord?] = [:]
    var actions: [Action] = []

    /// How many phones that the configuration does not list are remembered.
    package static let mostUnlisted = 4096

    package init(settings: TrackerSettings, state: TrackerState, at now: MonotonicTime) {
        self.settings = settings
        startedAt = now
        startSettle = state.isNewBoot ? settings.rules.bootSettle : settings.rules.startSettle
        nextEvent = state.nextEvent
        for record in state.devices where settings.listed[udid: record.udid]?.isIgnored != true {
            add(record, presence: record.reported == .unplugged ? .absent : .unconfirmed)
            if let absence = record.expectedAbsence {
                let deadline = now + absence.remaining(at: state.wallTime)
                devices[record.udid]?.absenceDeadline = deadline
                deadlines[record.udid] = deadline
            }
        }
        for udid in settings.listed.identities where devices[udid] == nil {
            add(DeviceRecord(udid: udid, name: udid.description), presence: .unconfirmed)
        }
        for restored in state.sessions { restore(restored.session, on: restored.device, state, at: now) }
    }

    /// A session of the last run. What it is bound to has gone with an earlier boot, or has to show itself.
    private mutating func restore(
        _ session: Session, on udid: UDID, _ state: TrackerState, at now: MonotonicTime
    ) {
        guard let device = devices[udid] else {
            // Told with the first input; the phone is ignored since.
            return actions.append(.sessionEnded(udid, session, .revoked))
        }
        var session = session
        switch session.binding {
        case .lease: break
        case .process: if state.isNewBoot { session.lose(until: now) }
        case .connection: session.lose(until: state.isNewBoot ? now : now + Self.reconnection)
        case .observed: session.lose(until: now + settings.observerGrace)
        }
        holders[session.id] = udid
        devices[udid]?.sessions.start(session)
        if device.record.reported == .unplugged {
            devices[udid]?.sessions.deviceUnplugged(graceUntil: now + settings.unplugGrace)
        }
        deadlines[udid] = devices[udid]?.deadline(settings.rules)
    }

    /// How long a session whose connection went with the agent waits for its owner to come back.
    private static let reconnection = Duration.seconds(10)

    /// When `handle(.timePassed)` is to be called if nothing else comes before; nil: no need.
    package var nextDeadline: MonotonicTime? { [deadlines.values.min(), waiting.deadline].compactMap(\.self).min() }

    /// Takes one fact and says what follows from it, in order.
    package mutating func handle(_ input: Input, at now: MonotonicTime) -> [Action] {
        expire(now)
        apply(input, at: now)
        settle(at: now)
        expire(now)
        evict()
        defer { actions = [] }
        return actions
    }

    private mutating func apply(_ input: Input, at now: MonotonicTime) {
        switch input {
        case .deviceAttached(let device): attach(device, at: now)
        case .deviceDetached(let position): detach(position, at: now)
        case .snapshotTaken(let devices): reconcile(with: devices, at: now)
        case .healthReported(let udid, let verdict): report(verdict, of: udid, at: now)
        case .factsReported(let udid, let facts): learn(facts, of: udid)
        case .sessionRequested(let wanted): request(wanted, at: now)
        case .sessionHeartbeat(let id): heartbeat(id, at: now)
        case .sessionResumed(let id): resume(id)
        case .sessionEnded(let id, let cause): end(id, cause)
        case .sessionsObserved(let watcher, let seen): observe(seen, by: watcher, at: now)
        case .watcherLost(let watcher): loseWatcher(watcher, at: now)
        case .settingsChanged(let settings): use(settings, at: now)
        case .deviceForgotten(let udid): forget(udid)
        case .absenceExpected(let udid, let absence, let duration):
            let deadline = now + min(max(duration, .zero), ExpectedAbsence.longest)
            touch(udid) { $0.expect(absence, until: deadline) }
        case .absenceCancelled(let udid): endAbsence(of: udid, .cancelled)
        case .timePassed: break
        }
    }

    // MARK: - Snapshot

    private mutating func reconcile(with present: [USBDevice], at now: MonotonicTime) {
        // What is gone goes first and makes room: a phone that moved meanwhile was never in two places.
        let positions = Set(present.map(\.position))
        for position in registry.positions where !positions.contains(position) { detach(position, at: now) }
        for device in present { attach(device, at: now) }
        guard !hasSnapshot else {
            confirmAbsences(until: now + settings.rules.unplugSettle)
            return
        }
        hasSnapshot = true
        confirmAbsences(until: max(startedAt + startSettle, now))
    }

    /// Phones that nothing was heard of since the start are not there; they count as gone only after the settle time.
    private mutating func confirmAbsences(until deadline: MonotonicTime) {
        for udid in devices.keys where devices[udid]?.presence == .unconfirmed {
            touch(udid) { $0.presence.detached(until: deadline) }
        }
    }

    // MARK: - Health

    /// What a sensor says stands until it says otherwise, whether the phone is there or not: the news of its coming may
    /// be the later one.
    private mutating func report(_ verdict: Verdict, of udid: UDID, at now: MonotonicTime) {
        guard devices[udid] != nil || verdicts.count < Self.mostUnlisted else { return }
        verdicts[udid] = verdict == .unknown ? nil : verdict
        observe(udid, at: now)
    }

    private mutating func learn(_ facts: PhoneFacts, of udid: UDID) {
        let configuredName = settings.listed[udid: udid]?.name
        touch(udid) { phone in
            let before = phone.record.facts
            phone.record.facts = PhoneFacts(
                name: facts.name ?? before.name, model: facts.model ?? before.model,
                osVersion: facts.osVersion ?? before.osVersion)
            if configuredName == nil, let name = phone.record.facts.displayName { phone.record.name = name }
        }
    }

    // MARK: - Expected absence

    private mutating func endAbsence(of udid: UDID, _ end: AbsenceEnd) {
        guard devices[udid]?.record.expectedAbsence != nil else { return }
        touch(udid) { $0.endAbsence() }
        actions.append(.note(.absenceEnded(udid, end)))
    }

    // MARK: - Settings

    /// The configuration has changed. That is no news of any phone: what it hides is forgotten without a word, what it
    /// shows comes with the next snapshot, and everything else stays as it was reported.
    private mutating func use(_ new: TrackerSettings, at now: MonotonicTime) {
        let old = settings
        settings = new
        for udid in devices.keys {
            if new.listed[udid: udid]?.isIgnored == true {
                withdraw(udid)
            } else {
                relist(udid, as: new.listed[udid: udid], before: old.listed[udid: udid])
            }
        }
        for position in registry.positions { readAgain(position, wasBoundBy: old.listed, at: now) }
        for udid in new.listed.identities where devices[udid] == nil { ensure(udid) }
    }

    private mutating func relist(_ udid: UDID, as listed: ListedDevice?, before: ListedDevice?) {
        guard let device = devices[udid] else { return }
        if device.isListed { unlistedCount += listed == nil ? 1 : 0 } else { unlistedCount -= listed == nil ? 0 : 1 }
        let product = device.positions.last.flatMap { registry[$0]?.device.displayName }
        let ownName = device.record.facts.displayName ?? product
        let unlistedGroup = settings.rules.unlistedGroup
        touch(udid) { phone in
            phone.isListed = listed != nil
            phone.group = listed.map { $0.group ?? .local } ?? unlistedGroup
            if let name = listed?.name ?? (before?.name == nil ? nil : ownName) { phone.record.name = name }
        }
    }

    /// The configuration does not want to know of it any more: no event, and its sessions end.
    mutating func withdraw(_ udid: UDID) {
        guard let device = devices[udid] else { return }
        for position in device.positions { registry[position] = nil }
        for session in device.sessions.inOrder { end(session.id, .revoked) }
        drop(udid)
    }

    /// By hand: one that is there or listed is not forgotten.
    private mutating func forget(_ udid: UDID) {
        if devices[udid]?.isForgettable == true { drop(udid) }
    }

    // MARK: - Devices

    /// Changes a device that is known; does nothing for others. Its status is looked at when the input is done.
    mutating func touch(_ udid: UDID, _ change: (inout TrackedDevice) -> Void) {
        guard var device = devices[udid] else { return }
        if !touched.keys.contains(udid) { touched[udid] = .some(device.record) }
        ordinal += 1
        device.lastTouched = ordinal
        change(&device)
        devices[udid] = device
    }

    /// Whether one more may be known: those that wait for their settle time cannot be forgotten yet.
    func hasRoom(for udid: UDID?) -> Bool {
        guard let udid, devices[udid] == nil else { return true }
        return unlistedCount < Self.mostUnlisted + AttachmentRegistry.most
    }

    mutating func ensure(_ udid: UDID) {
        guard devices[udid] == nil, settings.listed[udid: udid]?.isIgnored != true else { return }
        add(DeviceRecord(udid: udid, name: udid.description), presence: .unconfirmed)
        touched[udid] = .some(nil)
    }

    /// Those that left this port less than the settle time ago, or by the input at hand.
    func leaving(_ devpath: String) -> [UDID] {
        let isLeaving = { (udid: UDID) in
            guard let device = devices[udid], case .leaving = device.presence else { return false }
            return device.lastDevpath == devpath
        }
        return deadlines.keys.filter(isLeaving) + touched.keys.filter { deadlines[$0] == nil && isLeaving($0) }
    }

    func lastTouched(_ udid: UDID) -> UInt64 { devices[udid]?.lastTouched ?? 0 }

    private mutating func add(_ record: DeviceRecord, presence: Presence) {
        ordinal += 1
        var device = TrackedDevice(
            record: record, listed: settings.listed[udid: record.udid], rules: settings.rules, presence: presence)
        device.lastTouched = ordinal
        if !device.isListed { unlistedCount += 1 }
        devices[record.udid] = device
    }

    /// Hands the verdict that is in force to the device's health.
    mutating func observe(_ udid: UDID, at now: MonotonicTime) {
        guard let device = devices[udid], let position = device.positions.last,
            let attachment = registry[position]
        else { return }
        let verdict: Verdict =
            if device.isDuplicate {
                .notReady(.duplicateSerial)
            } else if let reason = attachment.mode.reason {
                .notReady(reason)
            } else if settings.sensed.contains(attachment.platform) {
                verdicts[udid] ?? .unknown
            } else {
                .ready
            }
        touch(udid) { $0.health.observed(verdict, at: now) }
    }

    // MARK: - Time

    /// Whatever is due happens in the order in which it was due.
    private mutating func expire(_ now: MonotonicTime) {
        while let next = deadlines.values.min(), next <= now {
            let due = deadlines.filter { $0.value <= now }.sorted {
                ($0.value, $0.key.description) < ($1.value, $1.key.description)
            }
            for (udid, _) in due { expire(udid, now) }
            settle(at: now)
        }
        refuseWhoWaitedLongEnough(now)
    }

    private mutating func expire(_ udid: UDID, _ now: MonotonicTime) {
        let rules = settings.rules
        if devices[udid]?.isAbsenceOver(now) == true { endAbsence(of: udid, .timeUp) }
        touch(udid) { device in
            device.presence.timePassed(now)
            if device.presence == .present { device.health.timePassed(now, rules: rules) }
        }
        endSessionsOver(on: udid, at: now)
        if let since = devices[udid]?.doubledSince, since + rules.unplugSettle <= now { becomeDuplicate(udid, at: now) }
    }

    // MARK: - Status

    /// What the input at hand has touched and was last reported as in use, in order.
    var touchedUtilized: [UDID] {
        touched.keys.filter { devices[$0]?.record.reported == .utilizing }
            .sorted { lastTouched($0) < lastTouched($1) }
    }

    /// The status of what was touched, and then of what the waiting got of it.
    private mutating func settle(at now: MonotonicTime) {
        handOver(at: now)
        repeat { settleTouched(at: now) } while serveWaiting(at: now)
    }

    private mutating func settleTouched(at now: MonotonicTime) {
        for (udid, before) in touched.sorted(by: { lastTouched($0.key) < lastTouched($1.key) }) {
            let first = actions.endIndex
            report(udid, at: now)
            guard let device = devices[udid] else { continue }
            if device.record != before { actions.insert(.remember(device.record), at: first) }
            deadlines[udid] = device.deadline(settings.rules)
            if !waiting.isEmpty { changed.append(udid) }
        }
        touched = [:]
    }

    private mutating func report(_ udid: UDID, at now: MonotonicTime) {
        guard var device = devices[udid] else { return }
        defer { devices[udid] = device }
        let mode = device.positions.last.flatMap { registry[$0]?.mode }
        if device.hasReturned(isInMode: mode?.reason != nil) {
            device.endAbsence()
            actions.append(.note(.absenceEnded(udid, .returned)))
        }
        guard let status = device.status else { return }
        let reason: Reason? =
            switch (status, device.health.settled) {
            case (.offline, _) where device.presence == .absent: .rebooting
            case (.offline, .notReady(let reason)): reason
            case (.offline, _): device.record.reason
            case (.online, _), (.utilizing, _), (.unplugged, _): nil
            }
        device.record.reason = reason
        if device.presence == .absent { device.wentAway() }
        let previous = device.record.reported
        let rule = EventRule(lastReported: previous, new: status)
        guard rule != .nothing else { return }
        device.record.reported = status
        record(device, previous: previous, status, reason, isSilent: rule == .silent)
        guard status == .unplugged else { return }
        // A lease on a phone that was never there waits for it.
        if previous != nil { device.sessions.deviceUnplugged(graceUntil: now + settings.unplugGrace) }
    }

    private mutating func record(
        _ device: TrackedDevice, previous: Status?, _ status: Status, _ reason: Reason?, isSilent: Bool,
        session: SessionChange? = nil
    ) {
        let record = device.record
        actions.append(
            .record(
                StatusEvent(
                    number: nextEvent, device: record.udid, name: record.name, group: device.group, previous: previous,
                    status: status, reason: reason, isSilent: isSilent, platform: record.platform, port: record.port,
                    session: session)))
        nextEvent = nextEvent.next
    }

    /// A session has started or ended: in the history, beside the status, which it need not change.
    mutating func record(_ change: SessionChange, on udid: UDID) {
        guard let device = devices[udid] else { return }
        let (status, reason) = (device.record.reported, device.record.reason)
        record(device, previous: status, status ?? .unplugged, reason, isSilent: true, session: change)
    }

    // MARK: - Bounds

    private mutating func evict() {
        guard unlistedCount > Self.mostUnlisted else { return }
        // A tenth at once, so that a host at the bound does not sort its phones with every input.
        let oldest = devices.values.filter(\.isForgettable).sorted { $0.lastTouched < $1.lastTouched }
        for device in oldest.prefix(unlistedCount - Self.mostUnlisted * 9 / 10) { drop(device.record.udid) }
    }

    /// As if it had never been; nothing is told of it.
    private mutating func drop(_ udid: UDID) {
        guard let device = devices.removeValue(forKey: udid) else { return }
        if !device.isListed { unlistedCount -= 1 }
        deadlines[udid] = nil
        verdicts[udid] = nil
        actions.append(.forget(udid))
    }
}
