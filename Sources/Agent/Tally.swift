internal import Core
internal import Hotplug

/// How often things happened, since the start.
struct Tally {
    private(set) var transitions: [Transition: Int] = [:]
    private(set) var sessions = (started: 0, refused: 0, ended: 0)
    /// By the word of the metric's label.
    private(set) var hotplug = ["attached": 0, "detached": 0, "snapshot": 0]

    struct Transition: Hashable {
        let status: Status
        let isSilent: Bool
    }

    mutating func add(_ event: StatusEvent) {
        transitions[Transition(status: event.status, isSilent: event.isSilent), default: 0] += 1
    }

    mutating func add(_ action: Action) {
        switch action {
        case .sessionAccepted: sessions.started += 1
        case .sessionRefused: sessions.refused += 1
        case .sessionEnded: sessions.ended += 1
        case .record, .remember, .forget, .note: break
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
