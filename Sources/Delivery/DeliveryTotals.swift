package import Core

/// Whether a connection was made for a request or was there from one before. The raw value is the metric's label.
package enum ConnectionUse: String, CaseIterable, Sendable { case new, reused }

/// What the attempts came to, since the start.
package struct DeliveryTotals: Hashable, Sendable {
    package struct OfWebhook: Hashable, Sendable {
        package var attempts: [Outcome: Int] = [:]
        /// By the code of the final status line.
        package var responses: [Int: Int] = [:]
        package var lastAccepted: WallTime?
        /// By how much the receiver's clock was ahead of this host's when it last answered with its time, to the second.
        package var clockSkew: Duration?
    }

    package var webhooks: [WebhookID: OfWebhook] = [:]
    /// Callbacks that were given up.
    package var ended: [Ending: Int] = [:]
    /// Attempts at a callback after its first.
    package var retries = 0
    /// Requests that went over the wire: more than the attempts when libcurl has sent one again on a fresh connection.
    package var wireSends = 0
    /// Attempts that sent their request, by the connection it went over.
    package var connections: [ConnectionUse: Int] = [:]
    package var attemptDuration = Histogram.ofWork
    /// From the commit of a callback to the handing over of its first attempt; not of one from before the start.
    package var firstSendDelay = Histogram.ofWork
    /// From the event to the acceptance.
    package var delay = Histogram.ofDelay

    mutating func add(_ attempt: Attempt, _ end: Transfer.End, of callback: Callback, at wall: WallTime) {
        let webhook = callback.lane.webhook
        let connection = end.connection
        webhooks[webhook, default: OfWebhook()].attempts[attempt.outcome, default: 0] += 1
        if let code = attempt.statusCode { webhooks[webhook]?.responses[code, default: 0] += 1 }
        if let date = end.date { webhooks[webhook]?.clockSkew = .seconds((date - wall).components.seconds) }
        if case .dead(let ending) = attempt.consequence { ended[ending, default: 0] += 1 }
        if attempt.number > 1 { retries += 1 }
        wireSends += attempt.wireSends
        if let connection { connections[connection, default: 0] += 1 }
        attemptDuration.add(attempt.duration)
        guard attempt.outcome == .accepted else { return }
        webhooks[webhook]?.lastAccepted = wall
        delay.add(.milliseconds(wall.milliseconds - callback.createdAt.milliseconds))
    }
}
