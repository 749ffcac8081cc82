package struct DeliveryView: Codable, Hashable, Sendable {
    package var id: String
    package var webhookId: Int64
    package var udid: String
    /// The number in its lane, from 1.
    package var sequence: Int64
    /// The number of the status event.
    package var event: Int64
    package var createdAt: String
    /// `pending`, `delivered`, `dead`, `superseded`, `dropped` or `cancelled`.
    package var state: String
    /// Why it was given up; nil when it was not.
    package var reason: String?
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
        reason: String? = nil, attemptCount: Int, nextAttemptAt: String?, settledAt: String?, position: Int64,
        body: String? = nil,
        attempts: [AttemptView]? = nil
    ) {
        self.id = id
        self.webhookId = webhookId
        self.udid = udid
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.state = state
        self.reason = reason
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
    /// Of the receiver, with its port; nil when there was no connection.
    package var address: String?
    /// Milliseconds from the start until each of these was done; nil for what did not happen.
    package var nameLookupMs: Double?
    package var connectMs: Double?
    package var tlsMs: Double?
    package var firstByteMs: Double?
    /// The first bytes of what the receiver answered, as text, when that was a refusal.
    package var answer: String?
    package var nextAttemptAt: String?
    package init(
        number: Int, startedAt: String, outcome: String, statusCode: Int?, detail: String, durationMs: Double,
        wireSends: Int, address: String? = nil, nameLookupMs: Double? = nil, connectMs: Double? = nil,
        tlsMs: Double? = nil, firstByteMs: Double? = nil, answer: String? = nil, nextAttemptAt: String?
    ) {
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.durationMs = durationMs
        self.wireSends = wireSends
        self.address = address
        self.nameLookupMs = nameLookupMs
        self.connectMs = connectMs
        self.tlsMs = tlsMs
        self.firstByteMs = firstByteMs
        self.answer = answer
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

/// What came of a wish to have callbacks sent again.
package struct RedeliveryView: Codable, Hashable, Sendable {
    /// How many are meant, from the given position on; only of a dry run.
    package var matching: Int?
    /// How many wait for their next attempt now.
    package var redelivered: Int
    /// Give it as `after` for the next part; nil when that was all.
    package var next: Int64?

    package init(matching: Int? = nil, redelivered: Int, next: Int64?) {
        self.matching = matching
        self.redelivered = redelivered
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
