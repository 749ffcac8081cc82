internal import Core
internal import DequeModule

/// Lanes that wait for a moment, the earliest first; of one moment, in the order in which they came.
///
/// A sorted queue: most lanes that are added are due later than all others (they failed last), and go to its end.
struct DueQueue {
    private var entries: Deque<(due: MonotonicTime, lane: Lane)> = []

    var earliest: MonotonicTime? { entries.first?.due }

    mutating func add(_ lane: Lane, due: MonotonicTime) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].due <= due { low = middle + 1 } else { high = middle }
        }
        entries.insert((due, lane), at: low)
    }

    /// Takes these out, wherever they stand.
    mutating func remove(where isGone: (Lane) -> Bool) { entries.removeAll { isGone($0.lane) } }

    /// Takes the earliest lane, if its moment has come, with that moment.
    mutating func next(at now: MonotonicTime) -> (Lane, MonotonicTime)? {
        guard let first = entries.first, first.due <= now else { return nil }
        entries.removeFirst()
        return (first.lane, first.due)
    }
}
