internal import Core

/// Asks one phone for its properties over a connection of its own, as a pure machine.
struct ADBQuestion {
    enum Action: Hashable {
        case none
        case send([UInt8])
        /// What the shell wrote; the connection is to be closed.
        case answered([UInt8])
        /// There will be no answer; the connection is to be closed.
        case failed(Failure)
    }

    enum Failure: Hashable {
        /// The server did not put it to the phone, or ended it: nothing is known of the phone.
        case notReached
        /// The phone was asked, and its time passed.
        case silence
        /// The phone said something that is no answer.
        case refusal
    }

    private enum State {
        /// Goes to `choosing`, or to `over`, as all can.
        case connecting
        /// Waits for the server's word that the connection is the phone's. Goes to `asking`.
        case choosing
        /// Waits for the phone's word that the shell runs. Goes to `reading`.
        case asking
        /// Takes what the shell writes until it ends.
        case reading
        case over
    }

    /// From the connection to the end of the answer; a phone that hangs answers never.
    static let limit = Duration.seconds(5)
    /// Ten properties of at most 92 bytes, with room for what a shell says beside them.
    static let longestAnswer = 8192

    let deadline: MonotonicTime
    private let entry: ADBEntry
    private var state = State.connecting
    private var reader = ADBReplyReader()

    init(_ entry: ADBEntry, at now: MonotonicTime) {
        self.entry = entry
        deadline = now + Self.limit
    }

    mutating func connected() -> Action {
        switch state {
        case .connecting:
            state = .choosing
            return .send(ADBRequest.framed(ADBRequest.transport(to: entry)))
        case .choosing, .asking, .reading, .over: return .none
        }
    }

    mutating func received(_ bytes: some Collection<UInt8>) -> Action {
        reader.append(bytes)
        switch state {
        case .connecting, .over: return .none
        case .choosing:
            return proceed(to: .asking, with: .send(ADBRequest.framed(ADBProperties.request)), else: .notReached)
        case .asking:
            let action = proceed(to: .reading, with: .none, else: .refusal)
            return action == .none ? checkLength() : action
        case .reading: return checkLength()
        }
    }

    /// The connection could not be made, or is at its end.
    mutating func ended() -> Action {
        switch state {
        case .connecting, .choosing, .asking: return fail(.notReached)
        case .reading:
            state = .over
            return .answered(reader.takeRest())
        case .over: return .none
        }
    }

    mutating func timePassed(_ now: MonotonicTime) -> Action {
        switch state {
        case .connecting, .choosing: deadline <= now ? fail(.notReached) : .none
        case .asking, .reading: deadline <= now ? fail(.silence) : .none
        case .over: .none
        }
    }

    private mutating func proceed(to following: State, with action: Action, else failure: Failure) -> Action {
        do throws(ADBReplyReader.Malformed) {
            switch try reader.takeStatus() {
            case nil: return .none
            case .okay?:
                state = following
                return action
            case .fail?: return fail(failure)
            }
        } catch {
            return fail(failure)
        }
    }

    private mutating func checkLength() -> Action { reader.count > Self.longestAnswer ? fail(.refusal) : .none }

    private mutating func fail(_ failure: Failure) -> Action {
        state = .over
        return .failed(failure)
    }
}
