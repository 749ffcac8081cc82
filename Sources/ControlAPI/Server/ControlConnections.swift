internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// Sets each accepted connection up, and answers what comes by it.
struct ControlConnections: ServerChildChannel {
    let responder: ControlResponder
    let entrance: Entrance
    let limits: ControlLimits
    let count: ConnectionCount
    let open = OpenConnections()

    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        let visitor: Visitor
        let departure: Departure
        /// Nil when there is no room for it.
        let place: ConnectionCount.Place?
        var channel: any Channel { http.channel }
    }

    /// On the event loop. A connection whose peer cannot be told is closed, and so is one that comes too late.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard open.add(channel) else { throw ChannelError.eof }
            let visitor = try entrance.visitor(on: channel)
            let place = count.admit(isStranger: visitor.isStranger)
            channel.closeFuture.whenComplete { _ in place?.leave() }
            let departure = Departure(on: channel.eventLoop)
            try channel.pipeline.syncOperations.addHandler(departure, position: .first)
            return (visitor, place, departure)
        }.flatMap { visitor, place, departure in
            http(for: visitor, place, departure).setup(channel: channel, logger: logger).map {
                Value(http: $0, visitor: visitor, departure: departure, place: place)
            }
        }.flatMapErrorThrowing { error in
            // NIO forgets a connection whose setup fails, and leaves it open.
            channel.close(promise: nil)
            throw error
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard value.place != nil else { return await turnAway(value.http) }
        await http(for: value.visitor, value.place, value.departure).handle(value: value.http, logger: logger)
    }

    private func http(
        for visitor: Visitor, _ place: ConnectionCount.Place?, _ departure: Departure
    ) -> HTTP1Channel {
        HTTP1Channel(
            responder: { [responder] request, writer, channel in
                let response = await responder.answer(
                    request, from: visitor, on: channel, until: departure.future, knownBy: place)
                let closes = response.headers[.connection] == "close"
                try await writer.write(response: response.head, body: response.body)
                // Whatever else this connection has sent is not read.
                if closes { throw ConnectionOver() }
            },
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(limits.idleTime),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 100)))
    }

    private struct ConnectionOver: Error {}

    /// Answers without waiting for a request, which may never come.
    private func turnAway(_ connection: HTTP1Channel.Value) async {
        let problem = Problem.unavailable(
            "There are too many connections to the agent.", "Close some, or try again in a minute.")
        let response = problem.response(closing: true)
        do {
            try await connection.executeThenClose { _, outbound in
                try await outbound.write(.head(response.head))
                try await outbound.write(.body(ByteBuffer(bytes: problem.json)))
                try await outbound.write(.end(nil))
            }
        } catch {
            // It has gone already.
            return
        }
    }
}
