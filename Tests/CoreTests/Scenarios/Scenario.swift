@testable import Core

/// A tracker, a clock that is moved by hand, and all that came out since it was last asked.
struct Scenario {
    private(set) var tracker: Tracker
    private(set) var now: MonotonicTime
    private var actions: [Action] = []

    init(
        listed: [ListedDevice] = [], rules: DetectionRules = DetectionRules(), sensed: Set<Platform> = [],
        unplugGrace: Duration = .zero, state: TrackerState = TrackerState(), at now: MonotonicTime = .start
    ) {
        self.now = now
        let settings = TrackerSettings(
            rules: rules, listed: ListedDevices(listed), unplugGrace: unplugGrace, sensed: sensed)
        tracker = Tracker(settings: settings, state: state, at: now)
    }

    /// Past the first snapshot and the start's settle time, with nothing there.
    static func running(
        listed: [ListedDevice] = [], rules: DetectionRules = DetectionRules(), sensed: Set<Platform> = [],
        unplugGrace: Duration = .zero
    ) -> Scenario {
        var scenario = Scenario(listed: listed, rules: rules, sensed: sensed, unplugGrace: unplugGrace)
        scenario.snapshot()
        scenario.wait(.seconds(10))
        _ = scenario.answers()
        return scenario
    }

    // MARK: - Inputs

    mutating func handle(_ input: Input) { actions += tracker.handle(input, at: now) }
    mutating func attach(_ phone: USBDevice) { handle(.deviceAttached(phone)) }
    mutating func detach(_ phone: USBDevice) { handle(.deviceDetached(phone.position)) }
    mutating func snapshot(_ phones: USBDevice...) { handle(.snapshotTaken(phones)) }
    mutating func hear(_ verdict: Verdict, of phone: String) { handle(.healthReported(UDID(phone), verdict)) }

    mutating func start(
        _ id: String, on phone: String, kind: Session.Kind = .session, timeToLive: Duration? = .seconds(900),
        longest: Duration = .seconds(86_400), isExclusive: Bool = false, force: Bool = false,
        binding: SessionBinding = .lease, patience: Duration = .zero, owner: String = "ci"
    ) {
        handle(
            .sessionRequested(
                SessionRequest(
                    id: SessionID(id), target: .device(UDID(phone)), owner: owner, startedBy: "user ci", kind: kind,
                    isExclusive: isExclusive, binding: binding, timeToLive: timeToLive, longest: longest,
                    isForced: force, patience: patience)))
    }

    /// On any phone that fits.
    mutating func startAny(
        _ id: String, _ filter: DeviceFilter = DeviceFilter(), patience: Duration = .zero, owner: String = "ci"
    ) {
        handle(
            .sessionRequested(
                SessionRequest(
                    id: SessionID(id), target: .any(filter), owner: owner, startedBy: "user ci",
                    timeToLive: .seconds(900), longest: .seconds(86_400), patience: patience)))
    }

    mutating func heartbeat(_ id: String) { handle(.sessionHeartbeat(SessionID(id))) }
    mutating func end(_ id: String, _ end: SessionEnd = .released) { handle(.sessionEnded(SessionID(id), end)) }

    mutating func expectAbsence(of phone: String, for duration: Duration, reason: String = "flashing") {
        // Of the wall clock, the monotonic one's zero is as good as any.
        let until = WallTime(milliseconds: (now + duration).nanoseconds / 1_000_000)
        handle(.absenceExpected(UDID(phone), ExpectedAbsence(until: until, reason: reason), for: duration))
    }

    mutating func cancelAbsence(of phone: String) { handle(.absenceCancelled(UDID(phone))) }

    /// Lets time pass as the agent does: the tracker is called at each of its deadlines.
    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let deadline = tracker.nextDeadline, deadline <= end {
            now = max(now, deadline)
            handle(.timePassed)
        }
        now = end
    }

    /// Moves the scenario's clock at once, past all deadlines, as for an agent that was held up.
    mutating func jump(_ duration: Duration) {
        now = now + duration
        handle(.timePassed)
    }

    // MARK: - Outputs

    /// The events since the last call, such as `A offline (bootloader)` and `A online, silent`.
    mutating func told() -> [String] { answers().filter { !$0.hasPrefix("session") && !$0.hasPrefix("look") } }

    /// The events and the answers to sessions since the last call, such as `session s ended: expired`.
    mutating func answers() -> [String] {
        defer { actions = [] }
        return actions.compactMap(\.words)
    }

    mutating func notes() -> [TrackerNote] {
        defer { actions = [] }
        return actions.compactMap { if case .note(let note) = $0 { note } else { nil } }
    }

    /// Of the status, without those of sessions.
    mutating func events() -> [StatusEvent] {
        defer { actions = [] }
        return actions.compactMap { if case .record(let event) = $0, event.session == nil { event } else { nil } }
    }

    /// The whole history, sessions included.
    mutating func recorded() -> [StatusEvent] {
        defer { actions = [] }
        return actions.compactMap { if case .record(let event) = $0 { event } else { nil } }
    }

    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    func status(of phone: String) -> Status? { record(of: phone)?.reported }
    func record(of phone: String) -> DeviceRecord? { tracker.devices[UDID(phone)]?.record }
}

extension Action {
    fileprivate var words: String? {
        switch self {
        case .record(let event): event.session == nil ? event.words : nil
        case .sessionStarted(_, let session): "session \(session.id) accepted"
        case .sessionRefused(let id, let refusal): "session \(id) refused: \(refusal.words)"
        case .sessionEnded(_, let session, let end): "session \(session.id) ended: \(end)"
        case .sessionWaits(let id, let position): "session \(id) waits as \(position)"
        case .sessionWithdrawn(let id): "session \(id) withdrawn"
        case .lookAgain(let udid): "look again at \(udid)"
        case .remember, .forget, .note, .sessionChanged: nil
        }
    }
}

extension SessionRefusal {
    fileprivate var words: String {
        switch self {
        case .unknownDevice: "unknown device"
        case .notPresent: "not present"
        case .notReady(let reason): reason.rawValue
        case .held(let ids): "held by \(ids.map(\.description).joined(separator: ","))"
        case .tooMany: "too many"
        case .noneFree(let known): "none of \(known) is free"
        case .waitedInVain: "waited in vain"
        case .tooManyWaiting: "too many wait"
        case .nameTaken: "name taken"
        }
    }
}

extension StatusEvent {
    fileprivate var words: String {
        "\(device) \(status)" + (reason.map { " (\($0))" } ?? "") + (isSilent ? ", silent" : "")
    }
}

extension MonotonicTime {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
}

extension DetectionRules {
    static func with(_ change: (inout DetectionRules) -> Void) -> DetectionRules {
        var rules = DetectionRules()
        change(&rules)
        return rules
    }
}
