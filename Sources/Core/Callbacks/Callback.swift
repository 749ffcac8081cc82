/// The queue of one webhook and one device: first in, first out, one in flight.
package struct Lane: Hashable, Sendable {
    package let webhook: WebhookID
    package let device: UDID
    package init(webhook: WebhookID, device: UDID) {
        self.webhook = webhook
        self.device = device
    }
}

/// One status event for one webhook: what is sent, frozen when the event happened.
package struct Callback: Hashable, Sendable {
    package let id: CallbackID
    package let lane: Lane
    /// The place in its lane: from 1, without gaps as enqueued (`plughook-sequence`).
    package let sequence: Int64
    package let event: EventNumber
    package let createdAt: WallTime
    /// The exact bytes of every attempt.
    package let body: [UInt8]

    package init(
        id: CallbackID, lane: Lane, sequence: Int64, event: EventNumber, createdAt: WallTime, body: [UInt8]
    ) {
        self.id = id
        self.lane = lane
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.body = body
    }
}

extension Callback {
    fileprivate func with(body: [UInt8]) -> Callback {
        Callback(id: id, lane: lane, sequence: sequence, event: event, createdAt: createdAt, body: body)
    }
}

/// A callback that has not been accepted yet, as it was found on disk or just committed.
package struct PendingCallback: Hashable, Sendable {
    /// With an empty body while `isBodyOnDisk`.
    package private(set) var callback: Callback
    /// The body is not in memory: it is read when its turn comes.
    package private(set) var isBodyOnDisk = false
    /// Attempts that were made and recorded.
    package var attempts: Int
    package var failures: Failures
    /// When the next attempt may start; nil means at once.
    package var notBefore: WallTime?
    /// When somebody last had it sent again; its age counts from then.
    package var renewedAt: WallTime?
    /// When it was on disk; nil for one that was there when the agent started.
    package var committedAt: MonotonicTime?

    package init(
        callback: Callback, attempts: Int = 0, failures: Failures = Failures(), notBefore: WallTime? = nil,
        renewedAt: WallTime? = nil, committedAt: MonotonicTime? = nil
    ) {
        self.callback = callback
        self.attempts = attempts
        self.failures = failures
        self.notBefore = notBefore
        self.renewedAt = renewedAt
        self.committedAt = committedAt
    }

    /// Without its body, which is on disk.
    package var lean: PendingCallback {
        var lean = self
        lean.callback = callback.with(body: [])
        lean.isBodyOnDisk = true
        return lean
    }

    /// With the body that was read.
    package func with(body: [UInt8]) -> PendingCallback {
        var whole = self
        whole.callback = callback.with(body: body)
        whole.isBodyOnDisk = false
        return whole
    }

    /// From when on its age counts.
    package var since: WallTime { renewedAt ?? callback.createdAt }
}
