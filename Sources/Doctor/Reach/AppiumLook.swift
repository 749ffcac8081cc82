internal import Core
internal import Delivery
internal import Linux
internal import PlughookConfiguration
internal import Sensors

/// Whether an Appium server tells its sessions.
struct AppiumLook: Hashable {
    enum Answer: Hashable {
        /// How many it has now.
        case sessions(Int)
        case failed(String)
    }

    static let limit = Duration.seconds(5)

    var url: String
    var answer: Answer

    var diagnosis: Diagnosis {
        switch answer {
        case .sessions(let count): .ok(.appium, "\(url): tells its sessions, \(count) now")
        case .failed(let why):
            .warning(
                .appium, "\(url): \(why)",
                mend: "curl \("\(url)/appium/sessions".shellWord) is to show them: start Appium, with "
                    + "--allow-insecure=*:session_discovery from 2.19 on, or correct sessions.appium")
        }
    }
}

extension AppiumLook {
    /// Asks all at once. Blocks, for two times `limit` at most.
    static func diagnoses(of servers: [AppiumServer], from host: AddressRules) -> [Diagnosis] {
        guard !servers.isEmpty else { return [.skipped(.appium, "no Appium server is watched")] }
        return servers[...].mapInThreads(width: servers.count) { AppiumLook(asking: $0.url, from: host).diagnosis }
    }

    /// As the agent would.
    private init(asking url: String, from host: AddressRules) {
        self.url = url
        answer = .failed("it was not asked")
        let now = MonotonicTime.now()
        var watcher = AppiumWatcher(server: url, at: now)
        while let question = watcher.question(at: now) {
            let answer = Question.ask(question, from: host, as: "doctor", within: Self.limit)
            let report = watcher.answered(
                answer.isWhole ? answer.statusCode : nil, answer.body, why: answer.detail, at: now)
            switch report {
            case .found(let sessions), .sessions(let sessions): self.answer = .sessions(sessions.count)
            case .lost(let why): self.answer = .failed(why)
            case nil: continue
            }
        }
    }
}
