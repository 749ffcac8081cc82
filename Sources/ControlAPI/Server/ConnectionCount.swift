internal import Linux

/// How many connections are open, and whether one more is.
final class ConnectionCount: Sendable {
    private let limits: ControlLimits
    private let open = Locked((all: 0, strangers: 0))

    init(limits: ControlLimits) { self.limits = limits }

    /// Nil when there are too many; a stranger is one who may do nothing, or has not said yet who it is.
    func admit(isStranger: Bool) -> Place? {
        let isAdmitted = open.withLock { open in
            guard open.all < limits.connections, !isStranger || open.strangers < limits.connectionsOfStrangers else {
                return false
            }
            open.all += 1
            if isStranger { open.strangers += 1 }
            return true
        }
        return isAdmitted ? Place(in: self, isStranger: isStranger) : nil
    }

    /// For tests.
    var all: Int { open.withLock { $0.all } }
    var strangers: Int { open.withLock { $0.strangers } }

    /// What one connection takes of the room until it leaves.
    final class Place: Sendable {
        private enum State { case stranger, known, left }

        private let count: ConnectionCount
        private let state: Locked<State>

        fileprivate init(in count: ConnectionCount, isStranger: Bool) {
            self.count = count
            state = Locked(isStranger ? .stranger : .known)
        }

        /// It has shown that it may do something.
        func isKnown() { change(to: .known) }

        func leave() { change(to: .left) }

        private func change(to new: State) {
            state.withLock { state in
                guard state != new, state != .left else { return }
                count.open.withLock { open in
                    if state == .stranger { open.strangers -= 1 }
                    if new == .left { open.all -= 1 }
                }
                state = new
            }
        }
    }
}
