internal import Core

/// Transfers that are not under way: those that are free, and those that were made ready for callbacks on their way to the
/// disk.
///
/// They share what is known of their connections. For one thread.
struct TransferPool {
    private let connections = ConnectionSockets()
    private var idle: [Transfer] = []
    private var expected: [CallbackID: (transfer: Transfer, at: WallTime)] = [:]

    /// A cleared one.
    mutating func take() throws(CurlError) -> Transfer {
        if let last = idle.popLast() { last } else { try Transfer(SocketGuard(connections)) }
    }

    /// The one that was made ready for this callback, unless that is too long ago: its signature has a time.
    mutating func takeExpected(_ id: CallbackID, at wall: WallTime) -> Transfer? {
        guard let (transfer, moment) = expected.removeValue(forKey: id) else { return nil }
        if (.zero ..< .seconds(1)).contains(wall - moment) { return transfer }
        putBack(transfer)
        return nil
    }

    mutating func expect(_ id: CallbackID, with transfer: Transfer, at wall: WallTime) {
        expected[id] = (transfer, wall)
    }

    mutating func forgetExpected() {
        for (transfer, _) in expected.values { putBack(transfer) }
        expected = [:]
    }

    /// One that has ended, or has not begun; what cannot be cleared is not used again.
    mutating func putBack(_ transfer: Transfer) {
        if (try? transfer.clear()) != nil { idle.append(transfer) }
    }
}
