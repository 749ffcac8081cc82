internal import Logging
internal import NIOCore
internal import NIOPosix

/// One address at which connections are accepted, and the connections that came by it.
///
/// Hummingbird's `Server` is not used: cancelled, it drops connections that were accepted and not begun, which traps in
/// NIO, and it uses its event loop once more when that has been shut down.
final class Listener: Sendable {
    private let accepted: NIOAsyncChannel<ControlConnections.Value, Never>
    private let connections: ControlConnections
    private let logger: Logger

    /// Returns once it listens; throws what NIO throws when it cannot.
    init(
        on address: SocketAddress, connections: ControlConnections, group: MultiThreadedEventLoopGroup, logger: Logger
    ) async throws {
        self.connections = connections
        self.logger = logger
        accepted = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(to: address) { channel in connections.setup(channel: channel, logger: logger) }
    }

    /// With the port that was given when none was asked for.
    var address: SocketAddress? { accepted.channel.localAddress }

    /// Accepts until `close`; returns when the last connection has ended. Its task must not be cancelled.
    func run() async {
        do {
            try await accepted.executeThenClose { inbound in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in inbound {
                        group.addTask { [connections, logger] in
                            await connections.handle(value: connection, logger: logger)
                        }
                    }
                }
            }
        } catch {
            logger.error("The control API does not accept connections any more: \(error)")
        }
    }

    /// Lets nobody in any more, and each connection end with the answer that it waits for; returns at once.
    ///
    /// Event streams end, too.
    func close() {
        let channel = accepted.channel
        channel.eventLoop.execute { [connections] in
            connections.open.close()
            channel.close(promise: nil)
        }
    }
}
