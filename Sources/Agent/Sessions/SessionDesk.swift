internal import ControlAPI
internal import Core

/// Those who asked for a session, or for its end, and wait for the answer.
struct SessionDesk {
    typealias Answer = @Sendable (Result<SessionView, ControlError>) -> Void

    private var starts: [SessionID: Answer] = [:]
    private var ends: [SessionID: [@Sendable (SessionView?) -> Void]] = [:]

    mutating func waitForStart(of id: SessionID, _ answer: @escaping Answer) { starts[id] = answer }

    mutating func waitForEnd(of id: SessionID, _ answer: @escaping @Sendable (SessionView?) -> Void) {
        ends[id, default: []].append(answer)
    }

    /// Nil for one that nobody waits for: it was observed.
    mutating func takeStart(of id: SessionID) -> Answer? { starts.removeValue(forKey: id) }

    mutating func ended(_ view: SessionView) {
        for answer in ends.removeValue(forKey: SessionID(view.id)) ?? [] { answer(view) }
    }

    /// The agent stops.
    mutating func close() {
        let (starts, ends) = (starts.values, ends.values.joined())
        (self.starts, self.ends) = ([:], [:])
        for answer in starts {
            answer(.failure(.unavailable(problem: "The agent stops.", advice: "Ask again when it runs.")))
        }
        for answer in ends { answer(nil) }
    }
}
