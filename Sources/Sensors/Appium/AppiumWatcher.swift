package import Core

/// Follows which sessions one Appium server has, so that a rig that uses Appium need not tell of them.
///
/// Pure: it says what to ask and when, and is given what came. Appium tells nobody of its sessions unasked, so it is asked
/// again `interval` after each answer; one that does not answer, with growing delays of up to 10 s.
package struct AppiumWatcher {
    package static let interval = Duration.seconds(2)
    /// What one answer may take.
    package static let patience = Duration.seconds(5)

    package enum Report: Hashable, Sendable {
        /// It answers (again), and has these.
        case found([AppiumSession])
        /// All that it has now.
        case sessions([AppiumSession])
        /// Told once: it is asked on.
        case lost(why: String)
    }

    /// Where the list is to be had.
    private enum List: String, CaseIterable {
        /// Appium 2.19 and newer, where its operator allows it.
        case appium = "/appium/sessions"
        /// Appium 1, and 2 as long as it has it.
        case plain = "/sessions"
    }

    /// As the configuration names it.
    package let server: String
    /// Nil while it answers.
    package private(set) var problem: String? = "it has not answered yet"
    /// When it is to be asked; nil while it is.
    package private(set) var nextDeadline: MonotonicTime?
    /// What it told last, as long as it answers.
    package private(set) var sessionCount = 0

    private let base: String
    private var list = List.appium
    private var isForbidden = false
    private var isLost = false
    private var delay: ReconnectDelay

    /// Is due at once. `server` is a URL without a query, the base path included (`/wd/hub` of Appium 1).
    package init(
        server: String, at now: MonotonicTime, random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.server = server
        base = server.hasSuffix("/") ? String(server.dropLast()) : server
        nextDeadline = now
        delay = ReconnectDelay(random: random)
    }

    /// What to ask now, if it is time; `answered` is to follow.
    package mutating func question(at now: MonotonicTime) -> String? {
        guard let due = nextDeadline, due <= now else { return nil }
        nextDeadline = nil
        return base + list.rawValue
    }

    /// `statusCode` is nil when no whole answer came, and `why` says why not. Nil when there is nothing to report.
    package mutating func answered(
        _ statusCode: Int?, _ body: [UInt8], why: String, at now: MonotonicTime
    ) -> Report? {
        guard let statusCode else { return lose(why, at: now) }
        let answer = AppiumAnswer(statusCode: statusCode, body: body)
        switch (answer, list) {
        case (.sessions(let sessions), _):
            nextDeadline = now + Self.interval
            delay.reset()
            let isFound = problem != nil
            (isForbidden, isLost, problem, sessionCount) = (false, false, nil, sessions.count)
            return isFound ? .found(sessions) : .sessions(sessions)
        case (.failed(let why), _): return lose(why, at: now)
        case (.forbidden, .appium), (.unknownCommand, .appium):
            isForbidden = answer == .forbidden
            list = .plain
            nextDeadline = now
            return nil
        case (.forbidden, .plain), (.unknownCommand, .plain):
            return lose(
                isForbidden || answer == .forbidden
                    ? "it may not tell its sessions: start Appium with --allow-insecure=*:session_discovery"
                    : "it has no list of sessions there: the url needs Appium's base path, if it has one", at: now)
        }
    }

    private mutating func lose(_ why: String, at now: MonotonicTime) -> Report? {
        nextDeadline = now + max(delay.next(), Self.interval)
        problem = why
        sessionCount = 0
        // The next one there may be another version.
        list = .appium
        guard !isLost else { return nil }
        isLost = true
        return .lost(why: why)
    }
}
