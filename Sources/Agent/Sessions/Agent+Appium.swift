internal import ControlAPI
internal import Core
internal import Logging
internal import Sensors

// Sessions that nobody asked for here: an Appium server has them.
extension Agent {
    func use(appium servers: [String], _ now: MonotonicTime) {
        for watcher in appium.use(servers, at: now) { handle(.sessionsObserved(by: watcher, []), now) }
    }

    /// Of one server: several for each phone that a host can have. A hostile one may tell of ten thousand.
    private static let mostObserved = 500

    /// Tells the tracker what the servers have answered.
    func takeAppiumAnswers(_ now: MonotonicTime) {
        for (watcher, report) in appium.reports(at: now) {
            switch report {
            case .sessions(let all):
                let sessions = all.prefix(Self.mostObserved)
                handle(.sessionsObserved(by: watcher.name, sessions.compactMap { observed($0, by: watcher.name) }), now)
            case .lost(let why):
                logger.warning("watcher.lost", metadata: ["watcher": "\(watcher.name)", "why": "\(why)"])
                handle(.watcherLost(watcher.name), now)
            case .found(let all):
                let sessions = all.prefix(Self.mostObserved)
                logger.notice("watcher.found", metadata: ["watcher": "\(watcher.name)"])
                handle(.sessionsObserved(by: watcher.name, sessions.compactMap { observed($0, by: watcher.name) }), now)
            }
        }
    }

    /// Nil of one on a phone that is not known here: an emulator's, or one of the network.
    ///
    /// One that is known already stays where it is while its phone's sensor, which has that name for it, is not heard.
    private func observed(_ session: AppiumSession, by watcher: String) -> ObservedSession? {
        let id = SessionID("appium-\(session.id)")
        let spellings = [UDID(session.udid), UDID(apple: session.udid)].compactMap(\.self)
        let standing = tracker.session(id).flatMap { $0.session.binding == .observed(by: watcher) ? $0.udid : nil }
        let udid =
            spellings.first { tracker.phone($0) != nil }
            ?? sensing.board.phone(called: session.udid, among: tracker.present) ?? standing
        return udid.map { ObservedSession(id: id, device: $0, owner: "Appium") }
    }

    var appiumViews: [AppiumServerView] {
        appium.servers.map {
            AppiumServerView(
                url: $0.server, isAnswering: $0.problem == nil, sessions: $0.sessionCount, problem: $0.problem)
        }
    }
}
