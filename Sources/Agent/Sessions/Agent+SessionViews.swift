internal import ControlAPI
internal import Core
internal import Linux
internal import Store

// Sessions in the words of the control API.
extension Agent {
    var sessionList: SessionList {
        SessionList(
            sessions: tracker.sessions.map { view(of: $0) },
            waiting: tracker.waitingRequests.enumerated().map { index, waiting in
                WaitingView(
                    id: waiting.request.id.description, position: index + 1, owner: waiting.request.owner,
                    startedBy: waiting.request.startedBy, target: waiting.request.target.words,
                    since: wallTime(of: waiting.since).description, until: wallTime(of: waiting.until).description)
            })
    }

    func sessionView(_ id: SessionID) -> SessionView? { tracker.session(id).map { view(of: $0) } }

    func sessionViews(on phone: Phone) -> [SessionView] {
        tracker.sessions(on: phone.record.udid).map {
            view(
                of: HeldPhone(
                    udid: phone.record.udid, name: phone.record.name, platform: phone.record.platform, session: $0))
        }
    }

    func view(of held: HeldPhone, ended: SessionEnd? = nil) -> SessionView {
        let session = held.session
        return SessionView(
            id: session.id.description, udid: held.udid.description, deviceName: held.name,
            platform: held.platform?.rawValue, serial: tracker.serial(of: held.udid), owner: session.owner,
            startedBy: session.startedBy, kind: session.kind.rawValue, labels: session.labels,
            isExclusive: session.isExclusive, boundTo: session.binding.word, pid: session.binding.pid,
            startedAt: wallTime(of: session.startedAt).description,
            heartbeatAt: session.lastHeartbeat.map { wallTime(of: $0).description },
            idleDeadline: session.idleDeadline.map { wallTime(of: $0).description },
            lastDeadline: session.lastDeadline.map { wallTime(of: $0).description },
            endedAt: ended.map { _ in WallTime.now().description }, endReason: ended?.rawValue)
    }

    /// By the wall clock as it goes now.
    func wallTime(of time: MonotonicTime) -> WallTime { wallClock.time(of: time) }
}

extension SessionView {
    /// As it is on disk.
    init(_ history: SessionHistory, of phone: DeviceRecord?) {
        let session = history.session
        self.init(
            id: session.id.description, udid: session.device.description,
            deviceName: phone?.name ?? session.device.description, platform: phone?.platform?.rawValue,
            owner: session.owner, startedBy: session.startedBy, kind: session.kind.rawValue, labels: session.labels,
            isExclusive: session.isExclusive, boundTo: session.binding.word, pid: session.binding.pid,
            startedAt: session.startedAt.description, endedAt: history.ending?.at.description,
            endReason: history.ending?.reason.rawValue)
    }
}

extension SessionChangeView {
    init(_ change: SessionChange) {
        self.init(
            id: change.id.description, owner: change.owner, kind: change.kind.rawValue,
            change: change.end == nil ? "started" : "ended", reason: change.end?.rawValue)
    }
}

extension SessionBinding {
    fileprivate var word: String {
        switch self {
        case .lease: "heartbeats"
        case .process: "process"
        case .connection: "connection"
        case .observed: "observed"
        }
    }

    fileprivate var pid: Int? { if case .process(let process) = self { Int(process.pid) } else { nil } }
}

extension SessionTarget {
    fileprivate var words: String {
        switch self {
        case .device(let udid): return udid.description
        case .any(let filter):
            let words =
                [filter.platform?.rawValue, filter.name.map { "named \($0)" }].compactMap(\.self)
                + filter.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return "any" + (words.isEmpty ? "" : ": " + words.joined(separator: ", "))
        }
    }
}
