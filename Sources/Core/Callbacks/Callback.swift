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
    package let content: Content

    package init(
        id: CallbackID, lane: Lane, sequence: Int64, event: EventNumber, createdAt: WallTime, content: Content
    ) {
        self.id = id
        self.lane = lane
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.content = content
    }
}

extension Callback {
    fileprivate func with(_ content: Content) -> Callback {
        Callback(id: id, lane: lane, sequence: sequence, event: event, createdAt: createdAt, content: content)
    }
}

/// A callback that has not been accepted yet, as it was found on disk or just committed.
package struct PendingCallback: Hashable, Sendable {
    /// Without its content while `isOnDisk`.
    package private(set) var callback: Callback
    /// The content is not in memory: it is read when its turn comes.
    package private(set) var isOnDisk = false
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

    /// Without its content, which is on disk.
    package var lean: PendingCallback {
        var lean = self
        lean.callback = callback.with(Content(body: []))
        lean.isOnDisk = true
        return lean
    }

    /// With the content that was read.
    package func with(_ content: Content) -> PendingCallback {
        var whole = self
        whole.callback = callback.with(content)
        whole.isOnDisk = false
        return whole
    }

    /// From when on its age counts.
    package var since: WallTime { renewedAt ?? callback.createdAt }
}
