internal import Core
internal import HTTPTypes
internal import HummingbirdCore

let eventRoutes: [Route] = [
    Route(
        .get, "/v1/events", .deviceView,
        query: [.number("after"), .number("before", from: 1), .text("device"), .limit]
    ) { call in
        let (after, before) = (call.query.number("after"), call.query.number("before"))
        guard after == nil || before == nil else {
            throw Problem.badRequest("Give after (ascending) or before (descending), not both.")
        }
        let device = if let text = call.query.text("device") { await call.udid(text) } else { nil as UDID? }
        let page = try await call.agent.events(
            after: after, before: after == nil ? before ?? Int64.max : nil, device: device, limit: call.query.limit)
        return try Answer.json(page)
    },
    Route(.get, "/v1/events/stream", .deviceView, query: [.number("after")]) { call in
        let resume = try resumePoint(of: call)
        // From here on nothing is missed; what is in the history too is left out later.
        let subscription = call.agent.subscribe(limit: call.limits.waitingEvents)
        let bounds = resume == nil ? nil : try await call.agent.eventBounds()
        let stream = EventStream(
            agent: call.agent, subscription: subscription, resume: resume, bounds: bounds, channel: call.channel,
            heartbeat: call.limits.heartbeat, isStillAllowed: call.isStillAllowed)
        return Response(
            status: .ok,
            // Reading on is how a reader that left is noticed, so no other request can follow on the connection.
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: ResponseBody { [body = call.request.body] writer in
                do {
                    try await body.consumeWithCancellationOnInboundClose { _ in try await stream.write(to: &writer) }
                } catch is CancellationError {
                    // The reader has left, or the listener is being closed.
                    stream.breakOff()
                }
            })
    },
]

/// The number of the last event that the reader has; the header of a reconnecting one is newer than its address.
private func resumePoint(of call: Call) throws(Problem) -> Int64? {
    guard let text = call.request.headers[.lastEventID] else { return call.query.number("after") }
    guard let number = Int64(text), number >= 0 else {
        throw .badRequest("Last-Event-ID must be the number of an event, 0 or more.")
    }
    return number
}

extension HTTPField.Name {
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .ifMatch
}
