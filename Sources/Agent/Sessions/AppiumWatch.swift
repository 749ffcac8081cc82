internal import Core
internal import Delivery
internal import Sensors

/// The Appium servers of the configuration. Lives in the loop, and has `Delivery` ask for it.
final class AppiumWatch {
    private var watchers: [AppiumWatcher] = []
    private var answers: [(server: String, answer: SideAnswer)] = []

    /// Asks these from now on, and returns the watchers that are no more.
    func use(_ servers: [String], at now: MonotonicTime) -> [String] {
        let gone = watchers.filter { !servers.contains($0.server) }
        let kept = watchers
        watchers = servers.map { server in
            kept.first { $0.server == server } ?? AppiumWatcher(server: server, at: now)
        }
        return gone.map(\.name)
    }

    var nextDeadline: MonotonicTime? { watchers.compactMap(\.nextDeadline).min() }

    /// Asks those whose time it is.
    func ask(over delivery: Delivery, at now: MonotonicTime) {
        for index in watchers.indices {
            guard let question = watchers[index].question(at: now) else { continue }
            let server = watchers[index].server
            delivery.get(question, within: AppiumWatcher.patience, now: now) { [weak self] answer in
                self?.answers.append((server, answer))
            }
        }
    }

    /// What they have answered since.
    func reports(at now: MonotonicTime) -> [(watcher: AppiumWatcher, report: AppiumWatcher.Report)] {
        defer { answers = [] }
        return answers.compactMap { server, answer in
            guard let index = watchers.firstIndex(where: { $0.server == server }) else { return nil }
            let report = watchers[index].answered(
                answer.isWhole ? answer.statusCode : nil, answer.body, why: answer.detail, at: now)
            return report.map { (watchers[index], $0) }
        }
    }

    /// In the order of the configuration.
    var servers: [AppiumWatcher] { watchers }
}

extension AppiumWatcher {
    /// As sessions and the log have it.
    var name: String { "appium \(server)" }
}
