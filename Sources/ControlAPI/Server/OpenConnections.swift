internal import NIOCore
internal import Linux

/// The connections that came by one listener and have not ended.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Locked(State())

    /// False when the listener is closed already: a connection can be accepted and not set up at that moment.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = state.withLock { state in
            if !state.isClosed { state.channels[id] = channel }
            return !state.isClosed
        }
        if isAdded {
            channel.closeFuture.whenComplete { [weak self] _ in self?.state.withLock { $0.channels[id] = nil } }
        }
        return isAdded
    }

    /// Takes no more, and reads nothing more from any of them: each ends with what it is answering. On the event loop.
    func close() {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels {
            // One that is set up and not active yet has no half that could be closed: NIO traps on it.
            channel.close(mode: channel.isActive ? .input : .all, promise: nil)
        }
    }
}
