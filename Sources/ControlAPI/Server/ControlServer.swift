internal import Core
internal import Glibc
internal import Linux
package import Logging
internal import NIOCore
internal import NIOPosix

/// The control API: HTTP on a Unix socket and on loopback TCP, answered from what the agent says.
///
/// It has one event-loop thread for both, one for look-ups of user names, and no timer while nobody is connected.
package final class ControlServer: Sendable {
    /// Where the server meets the host; tests give others.
    struct Seams: Sendable {
        /// Nil asks the host for its groups.
        var access: Access?
        var credentials: @Sendable (Int32) throws(SystemError) -> PeerCredentials = {
            descriptor throws(SystemError) in try PeerCredentials(socket: descriptor)
        }
        var userName: @Sendable (UInt32) -> String? = { Accounts.userName(of: $0) }
        /// For the expiry of tokens.
        var now: @Sendable () -> WallTime = { .now() }
    }

    private struct Running {
        let task: Task<Void, Never>
        let socket: SocketFile.Identity?
    }

    private let file: SocketFile
    private let agent: any ControlledAgent
    private let logger: Logger
    private let limits: ControlLimits
    private let seams: Seams
    private let running = Locked<Running?>(nil)
    private let tokens: TokenAccess
    private let page: PageAccess
    private let changes: AsyncStream<HTTPChange>
    private let changing: AsyncStream<HTTPChange>.Continuation
    let connections: ConnectionCount

    package convenience init(socket: String, agent: any ControlledAgent, page: PageAccess, logger: Logger) {
        self.init(socket: socket, agent: agent, page: page, logger: logger, limits: ControlLimits(), seams: Seams())
    }

    init(
        socket: String, agent: any ControlledAgent, page: PageAccess, logger: Logger, limits: ControlLimits,
        seams: Seams
    ) {
        file = SocketFile(path: socket)
        self.agent = agent
        self.page = page
        self.logger = logger
        self.limits = limits
        self.seams = seams
        connections = ConnectionCount(limits: limits)
        tokens = TokenAccess(now: seams.now)
        // One waits for each reload whose listener is not bound yet. A change beyond these is refused and told so: then
        // something is badly stuck, and to drop an older one would leave its asker without an answer.
        (changes, changing) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16))
    }

    /// Returns once it listens. Once in the life of a server.
    ///
    /// It waits for a bind, so it must be called from a thread of one's own: never from a task or an event loop.
    package func start() throws(ControlServerError) {
        try file.prepare()
        let access = try access()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let names = UserNames(pool: NIOThreadPool(numberOfThreads: 1), lookUp: seams.userName)
        names.pool.start()
        let connections = { @Sendable (entrance: Entrance) in self.connections(by: entrance, access, names) }
        let listening = group.next().makePromise(of: Void.self)
        // The one task that has no parent: its life is from start to stop, and all connections are its children.
        let task = Task {
            do {
                let socket = try await Listener(
                    on: SocketAddress(unixDomainSocketPath: file.path),
                    connections: connections(.socket(access, credentials: seams.credentials)), group: group,
                    logger: logger)
                listening.succeed()
                await run(socket) { [tokens, page, logger] address in
                    try await Listener(
                        on: address, connections: connections(.network(tokens, page)), group: group, logger: logger)
                }
            } catch {
                listening.fail(error)
            }
            await refuseChanges()
            try? await names.pool.shutdownGracefully()
            try? await group.shutdownGracefully()
        }
        do {
            try listening.futureResult.wait()
        } catch {
            let reason = (error as? IOError).map { "\(SystemError("bind", code: $0.errnoCode))" } ?? "\(error)"
            throw file.failure(reason, "give the socket's directory to the agent's user, or set control.socket")
        }
        do {
            try file.open()
        } catch {
            changing.finish()
            throw error
        }
        running.withLock { $0 = Running(task: task, socket: file.identity()) }
    }

    /// Changes what is served over TCP while all else goes on; nil serves nothing there, as it is before the first call.
    ///
    /// From any thread, also before `start`; never waits. The tokens are in force when it returns, and event streams whose
    /// token is not among them end before their next event. The listener is touched only when the address is another one:
    /// then the new one listens before the old one is closed, whose connections end with the answer that they wait for.
    /// Changes are made in the order of the calls. `completion` is called once, on a thread of the server's or within this
    /// call: with the address in force, or with why it is not served; then the old address is, with the new tokens.
    package func serve(
        http: HTTPAccess?, completion: @escaping @Sendable (Result<String?, ControlServerError>) -> Void
    ) {
        tokens.replace(http?.tokens ?? [])
        let change = HTTPChange(listen: http?.listen, completion: completion)
        guard case .enqueued = changing.yield(change) else { return refuse(change) }
    }

    /// Takes the socket away and lets every connection end with the answer that it waits for; returns at once.
    ///
    /// Event streams end. Calls that the agent has not answered yet are waited for: it must answer them, be it with
    /// `unavailable`.
    package func stop() {
        if let socket = running.withLock({ $0?.socket }) { file.remove(socket) }
        changing.finish()
    }

    /// Returns when nothing of the server is left; after `stop`.
    func stopped() async {
        await running.withLock { $0?.task }?.value
    }

    private func access() throws(ControlServerError) -> Access {
        if let access = seams.access { return access }
        do {
            return Access(
                adminGroup: try Accounts.groupID(named: AccessGroup.admin.rawValue),
                viewGroup: try Accounts.groupID(named: AccessGroup.view.rawValue), agentUser: geteuid())
        } catch {
            throw file.failure("the groups of this host cannot be read: \(error)", "look at /etc/nsswitch.conf")
        }
    }

    /// Until `stop`, and then until the last connection has ended.
    private func run(_ socket: Listener, open: @Sendable (SocketAddress) async throws -> Listener) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await socket.run() }
            var http = HTTPListener()
            for await change in changes {
                do throws(ControlServerError) {
                    if let listener = try await http.change(to: change.listen, open: open) {
                        group.addTask { await listener.run() }
                    }
                    page.address = http.address
                    change.completion(.success(http.address))
                } catch {
                    change.completion(.failure(error))
                }
            }
            http.close()
            socket.close()
        }
    }

    /// Those that were asked for of a server that has not come to listen.
    private func refuseChanges() async {
        changing.finish()
        for await change in changes { refuse(change) }
    }

    private func refuse(_ change: HTTPChange) {
        change.completion(
            .failure(
                ControlServerError(
                    address: change.listen ?? "TCP", problem: "the control API has stopped, or is stuck",
                    advice: "restart the agent")))
    }

    private func connections(by entrance: Entrance, _ access: Access, _ names: UserNames) -> ControlConnections {
        ControlConnections(
            responder: ControlResponder(
                agent: agent, page: page, access: access, names: names, limits: limits, logger: logger),
            entrance: entrance, limits: limits, count: connections)
    }
}
