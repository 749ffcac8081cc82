internal import Core

/// Whether usbmuxd is there: when to connect to it, and when that it is away is worth a word.
///
///     absent ──► connecting ─► listening          absent: no socket; its coming is seen, not waited for
///        ▲  ▲        │             │              waiting: it is there and nobody answers, or answers wrongly
///        │  └── waiting ◄──────────┘
///        └─────────────────────────┘
///
/// Debian's usbmuxd runs only while an iPhone is there, so a socket that never was is no loss and not a word is said. Two
/// things make it one: it has been found before, or a phone waits for it, and does so for longer than a start takes.
struct MuxLink {
    enum Action: Hashable {
        /// Connect, and ask to listen.
        case connect
        case found
        case lost(why: String)
    }

    private enum State: Hashable {
        case absent
        case waiting(until: MonotonicTime)
        case connecting(limit: MonotonicTime)
        case listening(since: MonotonicTime)
    }

    private enum Told: Hashable { case nothing, found, lost }

    private var state = State.absent
    private var told = Told.nothing
    /// In a row, without a life of some length between.
    private var failures = 0
    /// Until when a phone that is there may go without usbmuxd before it is told; `isExpected` says whether one is there.
    private var grace: MonotonicTime?
    private var lastFailure: String?

    /// usbmuxd is started by udev when the phone is: it takes a second, on a slow host some.
    static let startGrace = Duration.seconds(10)
    static let answerLimit = Duration.seconds(5)
    /// One that ends sooner than that has not come to life.
    static let shortestLife = Duration.seconds(10)
    static let longestDelay = Duration.seconds(30)
    private static let shortestDelay = Duration.milliseconds(100)

    var isListening: Bool { if case .listening = state { true } else { false } }

    var deadline: MonotonicTime? {
        switch state {
        case .absent, .listening: grace
        case .waiting(let moment), .connecting(let moment): grace.map { min($0, moment) } ?? moment
        }
    }

    /// At the start, and whenever something happened where the socket is or may come to be.
    mutating func socketMayBeThere(at now: MonotonicTime) -> [Action] {
        switch state {
        case .absent, .waiting: connect(at: now)
        case .connecting, .listening: []
        }
    }

    /// It has taken the request to listen.
    mutating func listens(at now: MonotonicTime) -> [Action] {
        guard case .connecting = state else { return [] }
        state = .listening(since: now)
        told = .found
        grace = nil
        lastFailure = nil
        return [.found]
    }

    /// There is no socket.
    mutating func isAbsent(at now: MonotonicTime) -> [Action] {
        state = .absent
        failures = 0
        lastFailure = nil
        return tellAfterGrace(at: now)
    }

    /// The connection could not be made, or has ended. `spread`, from 0 to 1, sets it apart from other programs that
    /// come back. `isDecisive`: no wait will mend it, so it is told though usbmuxd was never found.
    mutating func failed(_ why: String, at now: MonotonicTime, spread: Double, isDecisive: Bool = false) -> [Action] {
        if case .listening(let since) = state, since + Self.shortestLife <= now { failures = 0 }
        let longest = min(Self.shortestDelay * (1 << min(failures, 10)), Self.longestDelay)
        state = .waiting(until: now + longest * (0.5 + 0.5 * min(max(spread, 0), 1)))
        failures += 1
        lastFailure = why
        if told == .found || (isDecisive && told == .nothing) { return tellLost() }
        return tellAfterGrace(at: now)
    }

    /// A phone is there that only usbmuxd can speak to.
    mutating func phoneExpected(at now: MonotonicTime) {
        if told != .lost, !isListening, grace == nil { grace = now + Self.startGrace }
    }

    /// There is no such phone any more.
    mutating func noPhoneExpected() { grace = nil }

    mutating func timePassed(_ now: MonotonicTime, spread: Double) -> [Action] {
        switch state {
        case .connecting(let limit) where limit <= now:
            return failed("usbmuxd does not answer", at: now, spread: spread)
        case .waiting(let moment) where moment <= now: return tellAfterGrace(at: now) + connect(at: now)
        case .absent, .waiting, .connecting, .listening: return tellAfterGrace(at: now)
        }
    }

    private mutating func connect(at now: MonotonicTime) -> [Action] {
        state = .connecting(limit: now + Self.answerLimit)
        return [.connect]
    }

    private mutating func tellAfterGrace(at now: MonotonicTime) -> [Action] {
        guard let grace, grace <= now else { return [] }
        return tellLost()
    }

    private mutating func tellLost() -> [Action] {
        grace = nil
        told = .lost
        return [.lost(why: lastFailure ?? "usbmuxd does not run")]
    }
}
