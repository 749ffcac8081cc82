internal import Core
internal import Hotplug

/// How often things happened, since the start.
struct Tally {
    private(set) var transitions: [Transition: Int] = [:]
    /// Times that a receiver was taken for away.
    var gateOpenings = 0
    private(set) var sessions = (started: 0, refused: 0, withdrawn: 0)
    private(set) var sessionEnds: [SessionEnd: Int] = [:]
    /// From the start to the end of each that has ended.
    private(set) var sessionDuration = Histogram.ofUse
    /// By the word of the metric's label.
    private(set) var hotplug = ["attached": 0, "detached": 0, "snapshot": 0]

    struct Transition: Hashable {
        let status: Status
        let isSilent: Bool
    }

    mutating func add(_ event: StatusEvent) {
        transitions[Transition(status: event.status, isSilent: event.isSilent), default: 0] += 1
    }

    mutating func add(_ action: Action, at now: MonotonicTime) {
        switch action {
        case .sessionStarted: sessions.started += 1
        case .sessionRefused: sessions.refused += 1
        case .sessionWithdrawn: sessions.withdrawn += 1
        case .sessionEnded(_, let session, let end):
            sessionEnds[end, default: 0] += 1
            sessionDuration.add(now - session.startedAt)
        case .record, .remember, .forget, .note, .sessionChanged, .sessionWaits, .lookAgain: break
        }
    }

    mutating func add(_ event: HotplugEvent) {
        switch event {
        case .attached: hotplug["attached", default: 0] += 1
        case .detached: hotplug["detached", default: 0] += 1
        case .snapshot: hotplug["snapshot", default: 0] += 1
        case .note: break
        }
    }
}
