/// Those who wait for a phone, in the order in which they came.
struct WaitingQueue: Sendable {
    struct Waiter: Sendable {
        let request: SessionRequest
        let since: MonotonicTime
        let deadline: MonotonicTime
        /// Why it is refused when its time is up.
        let refusal: SessionRefusal
    }

    private(set) var waiters: [Waiter] = []

    /// More than a host's test runners, and few enough to look through with every phone that becomes free.
    static let most = 1_024

    var isEmpty: Bool { waiters.isEmpty }
    var isFull: Bool { waiters.count >= Self.most }
    var deadline: MonotonicTime? { waiters.map(\.deadline).min() }

    func contains(_ id: SessionID) -> Bool { waiters.contains { $0.request.id == id } }

    mutating func append(_ waiter: Waiter) { waiters.append(waiter) }

    /// Takes one out; false when it does not wait (any more).
    mutating func remove(_ id: SessionID) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.request.id == id }) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// Takes those out whose time is up.
    mutating func takeDue(_ now: MonotonicTime) -> [Waiter] {
        let due = waiters.filter { $0.deadline <= now }
        if !due.isEmpty { waiters.removeAll { $0.deadline <= now } }
        return due
    }
}
