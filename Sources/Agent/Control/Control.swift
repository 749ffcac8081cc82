internal import ControlAPI
internal import Core
internal import Linux
internal import Logging
internal import Store

/// The control API beside the loop: where it listens, how questions come to the loop, and who follows the events.
///
/// For the thread of the loop. A place that changes is opened before the old one is given up.
final class Control {
    let loop: LoopAccess
    let feed = EventFeed()
    private let history: History
    /// Whichever socket there is.
    private let page: PageAccess
    private let logger: Logger

    private var current: (socket: String, server: ControlServer)?
    /// Open already, and not in force yet.
    private var prepared: (socket: String, server: ControlServer)?
    private var socketFailure: ControlServerError?
    private var httpFailure: ControlServerError?

    init(of store: StateStore, pageSessions: [PageSession], logger: Logger) throws {
        loop = try LoopAccess()
        history = try History(of: store)
        page = PageAccess(sessions: pageSessions)
        self.logger = logger
    }

    /// Why nobody can ask, over the socket or over TCP.
    var failures: [ControlServerError] { [socketFailure, httpFailure].compactMap(\.self) }

    /// Listens for the first time. Without it the agent does all the rest, and says what is wrong.
    func start(_ place: ControlPlace) {
        do throws(ControlServerError) {
            let server = try listen(place.socket)
            current = (place.socket, server)
            logger.info("control.listening", metadata: ["socket": "\(place.socket)"])
            if place.http != nil { serve(place.http, by: server) }
        } catch {
            socketFailure = error
            logger.error("control.unavailable", metadata: ["why": "\(error)"])
        }
    }

    /// Opens the socket of another place, if it is one; `commit` or `takeBack` follows. Waits for the bind.
    func prepare(_ place: ControlPlace) throws(ControlServerError) {
        guard place.socket != current?.socket else { return }
        prepared = (place.socket, try listen(place.socket))
    }

    /// Puts a place in force, with its tokens and its TCP address. An address that cannot be had leaves the one before in
    /// force, and is told as a failure.
    func commit(_ place: ControlPlace) {
        guard let prepared = prepared.take() else {
            if let current { serve(place.http, by: current.server) }
            return
        }
        if let old = current?.server {
            // The address is free for the new one as soon as the old one has let go of it.
            old.serve(http: nil) { [loop] _ in
                loop.tell { $0.control.serve(place.http, by: prepared.server) }
            }
            old.stop()
        } else {
            serve(place.http, by: prepared.server)
        }
        current = prepared
        socketFailure = nil
        logger.info("control.listening", metadata: ["socket": "\(prepared.socket)"])
    }

    func takeBack() { prepared.take()?.server.stop() }

    func stop() {
        feed.finish()
        current.take()?.server.stop()
        takeBack()
    }

    private func listen(_ socket: String) throws(ControlServerError) -> ControlServer {
        let agent = AgentControl(loop: loop, history: history, feed: feed)
        let server = ControlServer(socket: socket, agent: agent, page: page, logger: logger)
        try server.start()
        return server
    }

    private func serve(_ http: HTTPAccess?, by server: ControlServer) {
        server.serve(http: http) { [loop] result in loop.tell { $0.control.took(result) } }
    }

    private func took(_ result: Result<String?, ControlServerError>) {
        switch result {
        case .success(let address):
            httpFailure = nil
            if let address { logger.info("control.listening", metadata: ["address": "\(address)"]) }
        case .failure(let error):
            httpFailure = error
            logger.error("control.unavailable", metadata: ["why": "\(error)"])
        }
    }
}
