internal import Core

/// Asks a server now and then for the list that it should have told, as a pure machine.
///
/// adb 29 tells nobody when a phone turns `unauthorized`: a tracked list says `offline`, or even `device`, until something
/// else changes (seen with Debian 12's). So a list with a phone on its way is looked at again soon, and any other
/// twice a minute. A server that gives no answer at all hangs, though its connection is open.
struct ADBSecondLook {
    enum Action: Hashable {
        case none
        case connect
        case send([UInt8])
        /// The answer; the connection is to be closed.
        case list([ADBEntry])
        /// Not this time; the connection is to be closed.
        case disconnect
        /// The server hangs; the connection is to be closed.
        case silent
    }

    private enum State {
        /// Goes to `connecting` when the time has come; never, when it is nil.
        case resting(until: MonotonicTime?)
        /// Goes to `asking`, or back to `resting`.
        case connecting
        /// Goes back to `resting`.
        case asking
    }

    static let limit = Duration.seconds(5)
    static let shortest = Duration.seconds(1)
    static let longest = Duration.seconds(30)

    private var state = State.resting(until: nil)
    private var deadline = MonotonicTime(nanoseconds: 0)
    private var pace = shortest
    private var reader = ADBReplyReader()
    private var isAnswered = false
    private var isLong = true
    private var entries: [ADBEntry] = []
    /// A list was told since it was asked: the answer may be the older one.
    private var isOvertaken = false

    var nextDeadline: MonotonicTime? {
        switch state {
        case .resting(let time): time
        case .connecting, .asking: deadline
        }
    }

    /// The server told a list by itself.
    mutating func listed(_ list: [ADBEntry], isLong: Bool, at now: MonotonicTime) {
        self.isLong = isLong
        entries = list
        pace = Self.shortest
        switch state {
        case .resting: rest(at: now)
        case .connecting, .asking: isOvertaken = true
        }
    }

    /// Somebody wants to know now; one that is under way is as good.
    mutating func hurry(at now: MonotonicTime) {
        if case .resting = state, !entries.isEmpty { state = .resting(until: now) }
    }

    /// Nobody is there to be asked; a connection is to be closed.
    mutating func serverLost() { state = .resting(until: nil) }

    mutating func timePassed(_ now: MonotonicTime) -> Action {
        switch state {
        case .resting(let time?) where time <= now:
            reader = ADBReplyReader()
            isAnswered = false
            isOvertaken = false
            state = .connecting
            deadline = now + Self.limit
            return .connect
        case .connecting where deadline <= now, .asking where deadline <= now:
            rest(at: now)
            return .silent
        case .resting, .connecting, .asking: return .none
        }
    }

    mutating func connected() -> Action {
        switch state {
        case .connecting:
            state = .asking
            return .send(ADBRequest.framed(isLong ? ADBRequest.listLong : ADBRequest.listShort))
        case .resting, .asking: return .none
        }
    }

    mutating func received(_ bytes: some Collection<UInt8>, at now: MonotonicTime) -> Action {
        guard case .asking = state else { return .none }
        reader.append(bytes)
        do throws(ADBReplyReader.Malformed) {
            if !isAnswered {
                guard let status = try reader.takeStatus() else { return .none }
                if status == .fail { return ended(at: now) }
                isAnswered = true
            }
            guard let list = try reader.takeText() else { return .none }
            if isOvertaken { return ended(at: now) }
            entries = ADBEntry.entries(of: list, isLong: isLong)
            rest(at: now)
            return .list(entries)
        } catch {
            return ended(at: now)
        }
    }

    /// The connection could not be made, or ended before the answer.
    mutating func ended(at now: MonotonicTime) -> Action {
        switch state {
        case .resting: return .none
        case .connecting, .asking:
            rest(at: now)
            return .disconnect
        }
    }

    private mutating func rest(at now: MonotonicTime) {
        guard !entries.isEmpty else { return state = .resting(until: nil) }
        if !entries.contains(where: \.state.isOnItsWay) { pace = Self.longest }
        state = .resting(until: now + pace)
        pace = min(pace * 2, Self.longest)
    }
}
