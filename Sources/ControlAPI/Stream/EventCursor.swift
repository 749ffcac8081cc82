/// Where one reader of the event stream stands: what it gets of the events that come, each once and in order.
///
/// It is fed first from the history, then from what happens, which overlap.
struct EventCursor: Hashable, Sendable {
    enum Frame: Hashable, Sendable {
        case event(EventView)
        case gap(Gap)
    }

    /// Numbers that the reader does not get.
    struct Gap: Hashable, Sendable, Encodable {
        var first: Int64
        var last: Int64
        var detail: String
    }

    private enum State: Hashable {
        /// Whatever comes is the beginning.
        case fresh
        /// The reader says that it has this one, and there is no history to compare with.
        case claimed(Int64)
        /// It has this one and all before.
        case at(Int64)
    }

    private var state: State

    /// `resume` is the last event that the reader has; nil starts with what happens from now on.
    init(resume: Int64?) { state = resume.map { .claimed($0) } ?? .fresh }

    /// The last number that the history need not give again.
    var position: Int64? {
        switch state {
        case .fresh: nil
        case .claimed(let number), .at(let number): number
        }
    }

    /// What the history keeps is known, before anything is read from it.
    mutating func historyHas(oldest: Int64, newest: Int64) -> Frame? {
        guard case .claimed(let number) = state else { return nil }
        if number > newest {
            state = .at(newest)
            return .gap(.ahead(from: newest + 1, to: number))
        }
        state = .at(number)
        return skip(to: oldest)
    }

    /// An event from the history, or one that has just happened.
    mutating func comes(_ event: EventView) -> [Frame] {
        switch state {
        case .fresh:
            state = .at(event.number)
            return [.event(event)]
        case .claimed(let number):
            let isBehind = event.number <= number
            state = .at(isBehind ? event.number - 1 : number)
            return (isBehind ? [.gap(.ahead(from: event.number, to: number))] : []) + comes(event)
        case .at(let number):
            guard event.number > number else { return [] }
            let gap = skip(to: event.number)
            state = .at(event.number)
            return (gap.map { [$0] } ?? []) + [.event(event)]
        }
    }

    private mutating func skip(to next: Int64) -> Frame? {
        guard case .at(let number) = state, number < next - 1 else { return nil }
        state = .at(next - 1)
        return .gap(.forgotten(from: number + 1, to: next - 1))
    }
}

extension EventCursor.Gap {
    static func forgotten(from first: Int64, to last: Int64) -> Self {
        Self(first: first, last: last, detail: "These events are not kept any more.")
    }

    static func ahead(from first: Int64, to last: Int64) -> Self {
        Self(
            first: first, last: last,
            detail: "The agent has no such events yet: its state was replaced. What follows is counted anew.")
    }
}
