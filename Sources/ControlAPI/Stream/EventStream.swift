internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTPTypes

/// One reader of the events, as server-sent events (WHATWG HTML, 9.2).
///
/// A slow one holds nothing up: at most so many events wait for it in its subscription, then it is cut off.
struct EventStream: Sendable {
    let agent: any ControlledAgent
    let subscription: EventSubscription
    let resume: Int64?
    let bounds: (oldest: Int64, newest: Int64)?
    let channel: any Channel
    let heartbeat: Duration
    /// A reader whose token is no longer good gets nothing more.
    let isStillAllowed: @Sendable () -> Bool

    private static let page = 1_000

    /// Returns when the reader is cut off, or may not read any more, or the agent stops.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await beat() }
            defer { group.cancelAll() }
            var cursor = EventCursor(resume: resume)
            if let bounds {
                if let gap = cursor.historyHas(oldest: bounds.oldest, newest: bounds.newest) {
                    try await writer.write(contentsOf: [frame(gap)])
                }
                try await replay(&cursor, to: &writer)
            }
            for await event in subscription.events {
                guard isStillAllowed() else { break }
                try await writer.write(contentsOf: cursor.comes(event).map(frame))
            }
            if subscription.wasCutOff() {
                let detail = ["detail": "You read too slowly: come back with the id of the last event that you have."]
                try await writer.write(serverSent("cutoff", id: nil, detail))
            }
            // What waits for a slow reader would be lost if the connection were closed before it has gone out.
            let ended = channel.eventLoop.makePromise(of: Void.self)
            channel.writeAndFlush(HTTPResponsePart.end(nil), promise: ended)
            try await withTaskCancellationHandler {
                try await ended.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        }
    }

    /// Ends it after a cancellation: a reader that has taken all so far sees a proper end, and no other is waited for.
    ///
    /// One that has come to its end just then may see a second one, which HTTP has a closing connection ignore.
    func breakOff() { channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil) }

    private func replay(_ cursor: inout EventCursor, to writer: inout any ResponseBodyWriter) async throws {
        while true {
            let page: EventPage
            do {
                page = try await agent.events(
                    after: cursor.position, before: nil, device: nil, limit: Self.page)
            } catch {
                // The head is sent, so this cannot be answered any more: the reader comes back for the rest.
                try await writer.write(serverSent("failure", id: nil, Problem(error).view))
                throw error
            }
            if page.events.isEmpty { return }
            try await writer.write(contentsOf: page.events.flatMap { cursor.comes($0) }.map(frame))
        }
    }

    /// Shows a quiet reader that the connection lives, and ends one that was cut off and takes not even that.
    ///
    /// It goes around the writer, which may be held up; it writes only where nothing else waits, so nothing piles up.
    private func beat() async throws {
        while true {
            try await Task.sleep(for: heartbeat)
            guard isStillAllowed() else { return channel.close(mode: .input, promise: nil) }
            if channel.isWritable {
                channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(string: ": still here\n\n")), promise: nil)
            } else if subscription.wasCutOff() {
                return channel.close(promise: nil)
            }
        }
    }
}

private func frame(_ frame: EventCursor.Frame) -> ByteBuffer {
    switch frame {
    case .event(let event): serverSent(event.session == nil ? "status" : "session", id: event.number, event)
    // Whoever comes back after it has been told of it.
    case .gap(let gap): serverSent("gap", id: nil, gap)
    }
}

private func serverSent(_ name: String, id: Int64?, _ data: some Encodable) -> ByteBuffer {
    var buffer = ByteBuffer()
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("event: \(name)\ndata: ")
    // These views are plain values, which the encoder never refuses.
    buffer.writeBytes((try? Answer.encode(data)) ?? [])
    buffer.writeString("\n\n")
    return buffer
}
