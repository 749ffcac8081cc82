internal import Core
internal import Delivery
internal import Sensors

/// The Appium servers of the configuration. Lives in the loop, and has `Delivery` ask for it.
final class AppiumWatch {
    private var watchers: [(watcher: AppiumWatcher, term: Int)] = []
    private var answers: [(term: Int, answer: SideAnswer)] = []
    /// Counts the watchers that there were: an answer is for the one that has asked, and not for one of the same server that
    /// came after it.
    private var terms = 0

    /// Asks these from now on, and returns the watchers that are no more.
    func use(_ servers: [String], at now: MonotonicTime) -> [String] {
        let gone = watchers.filter { !servers.contains($0.watcher.server) }
        let kept = watchers
        watchers = servers.map { server in
            if let known = kept.first(where: { $0.watcher.server == server }) { return known }
            terms += 1
            return (AppiumWatcher(server: server, at: now), terms)
        }
        return gone.map(\.watcher.name)
    }

    var nextDeadline: MonotonicTime? { watchers.compactMap(\.watcher.nextDeadline).min() }

    /// Asks those whose time it is.
    func ask(over delivery: Delivery, at now: MonotonicTime) {
        for index in watchers.indices {
            guard let question = watchers[index].watcher.question(at: now) else { continue }
            let term = watchers[index].term
            delivery.get(question, within: AppiumWatcher.patience, now: now) { [weak self] answer in
                self?.answers.append((term, answer))
            }
        }
    }

    /// What they have answered since.
    func reports(at now: MonotonicTime) -> [(watcher: AppiumWatcher, report: AppiumWatcher.Report)] {
        defer { answers = [] }
        return answers.compactMap { term, answer in
            guard let index = watchers.firstIndex(where: { $0.term == term }) else { return nil }
            let report = watchers[index].watcher.answered(
                answer.isWhole ? answer.statusCode : nil, answer.body, why: answer.detail, at: now)
            return report.map { (watchers[index].watcher, $0) }
        }
    }

    /// In the order of the configuration.
    var servers: [AppiumWatcher] { watchers.map(\.watcher) }
}

extension AppiumWatcher {
    /// As sessions and the log have it.
    var name: String { "appium \(server)" }
}
