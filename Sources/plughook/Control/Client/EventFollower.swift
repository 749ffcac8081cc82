internal import ControlAPI
internal import Core
internal import FoundationEssentials
internal import Glibc

/// The agent's events from one number on, over its restarts, until the reader has enough.
///
/// What a person must know of the stream itself goes to standard error: that the agent is away and back, and which
/// events are lost to this reader.
struct EventFollower {
    /// Three of the heartbeats that come every 15 s: then the connection is dead.
    private static let patienceSeconds = 45
    /// First soon, for a restart takes less than a second, and then rarely enough to cost nothing.
    private static let firstPauseMilliseconds = 100
    private static let longestPauseMilliseconds = 2000
    /// A stream that lasts so long was one: what cuts it off sooner may do so each time.
    private static let proof = Duration.seconds(5)

    let client: ControlClient
    /// The number of the last event that is known.
    private(set) var last: Int64
    private var wasConnected = false
    private var isAway = false
    private var pauseMilliseconds = firstPauseMilliseconds

    /// Follows from the first event after `last`.
    init(_ client: ControlClient, after last: Int64) {
        self.client = client
        self.last = last
    }

    /// The number of the newest event, 0 when there is none yet.
    static func newest(_ client: ControlClient) throws(ControlFailure) -> Int64 {
        let request = ControlRequest(.get, ["events"], query: [("before", String(Int64.max)), ("limit", "1")])
        return try client.answer(to: request).decoded(as: EventPage.self).events.first?.number ?? 0
    }

    /// Shows each event. Only what `show` throws and what no waiting mends ends it.
    mutating func run(_ show: (EventView) throws -> Void) throws -> Never {
        while true {
            do {
                try follow(show)
            } catch let failure as ControlFailure where wasConnected && failure.passes {
                announceAbsence(failure)
            }
            pause()
        }
    }

    private mutating func follow(_ show: (EventView) throws -> Void) throws {
        var request = ControlRequest(.get, ["events", "stream"])
        request.patienceSeconds = Self.patienceSeconds
        request.headers = [("Accept", "text/event-stream"), ("Last-Event-ID", String(last))]
        let start = ContinuousClock.now
        let end = try client.stream(request, opened: { announceReturn() }) { event in
            try receive(event, from: request, show)
        }
        if start.duration(to: .now) >= Self.proof { pauseMilliseconds = Self.firstPauseMilliseconds }
        announceAbsence(end)
    }

    private mutating func receive(
        _ event: ServerSentEvent, from request: ControlRequest, _ show: (EventView) throws -> Void
    ) throws {
        let data = Data(event.data.utf8)
        do {
            switch event.name {
            case "status":
                let view = try JSONDecoder().decode(EventView.self, from: data)
                last = view.number
                try show(view)
            case "gap":
                let gap = try JSONDecoder().decode(NumberRange.self, from: data)
                // An agent whose state was replaced counts anew, and its gap is of what was known here.
                last = gap.first > last ? gap.last : gap.first - 1
                complain(gap.gapText)
            case "cutoff":
                complain("the agent has cut this reader off, which was too slow: going on after event \(last)")
            case "failure":
                complain(try JSONDecoder().decode(ProblemView.self, from: data).detail.printable)
            default: break  // Of later days.
            }
        } catch is DecodingError {
            throw ControlFailure.notUnderstood(request: request.description)
        }
    }

    private mutating func announceAbsence(_ failure: ControlFailure) {
        guard !isAway else { return }
        isAway = true
        switch failure {
        case .silent: complain("the agent's event stream is silent: connecting again")
        default: complain("the agent has ended the event stream: waiting until it is back")
        }
    }

    private mutating func announceReturn() {
        if isAway { complain("the agent is back: going on after event \(last)") }
        wasConnected = true
        isAway = false
    }

    private mutating func pause() {
        // Nothing tells when the agent takes connections again: its socket file is there before it does, outlives one that
        // was killed, and says nothing of one that is silent. A command has nothing else to do meanwhile.
        usleep(UInt32(pauseMilliseconds * 1000))
        pauseMilliseconds = min(2 * pauseMilliseconds, Self.longestPauseMilliseconds)
    }
}

extension NumberRange {
    /// That these events are missing, in words.
    var gapText: String {
        first == last
            ? "event \(first) is missing: the agent does not have it"
            : "events \(first) to \(last) are missing: the agent does not have them"
    }
}

extension ControlFailure {
    /// Whether the agent may only be on its way down or up.
    fileprivate var passes: Bool {
        switch self {
        case .notRunning, .lost, .silent, .unreachable: true
        case .refused(let problem): problem.status >= 500
        case .notUnderstood, .command: false
        }
    }
}
