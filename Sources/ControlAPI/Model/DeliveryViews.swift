package struct DeliveryView: Codable, Hashable, Sendable {
    package var id: String
    package var webhookId: Int64
    package var udid: String
    /// The number in its lane, from 1.
    package var sequence: Int64
    /// The number of the status event.
    package var event: Int64
    package var createdAt: String
    /// `pending`, `delivered` or `cancelled`.
    package var state: String
    package var attemptCount: Int
    package var nextAttemptAt: String?
    package var settledAt: String?
    /// Where it stands among all, for paging.
    package var position: Int64
    /// The bytes that are sent; only where one delivery is shown.
    package var body: String?
    /// Oldest first; only where one delivery is shown.
    package var attempts: [AttemptView]?
    package init(
        id: String, webhookId: Int64, udid: String, sequence: Int64, event: Int64, createdAt: String, state: String,
        attemptCount: Int, nextAttemptAt: String?, settledAt: String?, position: Int64, body: String? = nil,
        attempts: [AttemptView]? = nil
    ) {
        self.id = id
        self.webhookId = webhookId
        self.udid = udid
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.state = state
        self.attemptCount = attemptCount
        self.nextAttemptAt = nextAttemptAt
        self.settledAt = settledAt
        self.position = position
        self.body = body
        self.attempts = attempts
    }
}

package struct AttemptView: Codable, Hashable, Sendable {
    package var number: Int
    package var startedAt: String
    package var outcome: String
    package var statusCode: Int?
    package var detail: String
    package var durationMs: Double
    /// How often the request went over the wire in this attempt.
    package var wireSends: Int
    package var nextAttemptAt: String?
    package init(
        number: Int, startedAt: String, outcome: String, statusCode: Int?, detail: String, durationMs: Double,
        wireSends: Int, nextAttemptAt: String?
    ) {
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.durationMs = durationMs
        self.wireSends = wireSends
        self.nextAttemptAt = nextAttemptAt
    }
}

package struct DeliveryPage: Codable, Hashable, Sendable {
    package var deliveries: [DeliveryView]
    /// Give it as `before` for the next page; nil on the last.
    package var next: Int64?
    package init(deliveries: [DeliveryView], next: Int64?) {
        self.deliveries = deliveries
        self.next = next
    }
}

/// What came of a test callback.
package struct TestView: Codable, Hashable, Sendable {
    package var outcome: String
    package var statusCode: Int?
    package var detail: String
    /// The first bytes of the answer's body, as text.
    package var answer: String
    /// Milliseconds from the start until each of these was done; nil for what did not happen.
    package var nameLookupMs: Double?
    package var connectMs: Double?
    package var tlsMs: Double?
    package var firstByteMs: Double?
    package var totalMs: Double
    package init(
        outcome: String, statusCode: Int?, detail: String, answer: String, nameLookupMs: Double?, connectMs: Double?,
        tlsMs: Double?, firstByteMs: Double?, totalMs: Double
    ) {
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.answer = answer
        self.nameLookupMs = nameLookupMs
        self.connectMs = connectMs
        self.tlsMs = tlsMs
        self.firstByteMs = firstByteMs
        self.totalMs = totalMs
    }
}
