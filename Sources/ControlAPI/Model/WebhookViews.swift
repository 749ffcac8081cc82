package struct WebhookView: Codable, Hashable, Sendable {
    package var id: Int64
    package var name: String
    /// Without the right to change webhooks: scheme and host only, for a path may be a secret.
    package var url: String
    package var description: String
    package var events: [String]
    package var enabled: Bool
    package var timeoutMs: Int
    package var connectTimeoutMs: Int
    /// Held by hand: callbacks are made and wait.
    package var isSuspended: Bool
    /// Callbacks that are not under way.
    package var waiting: Int
    package var inFlight: Int
    /// The tag of the definition, for `If-Match`; the same as the `ETag` header of this webhook.
    package var etag: String
    package init(
        id: Int64, name: String, url: String, description: String, events: [String], enabled: Bool, timeoutMs: Int,
        connectTimeoutMs: Int, isSuspended: Bool, waiting: Int, inFlight: Int, etag: String
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.description = description
        self.events = events
        self.enabled = enabled
        self.timeoutMs = timeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.isSuspended = isSuspended
        self.waiting = waiting
        self.inFlight = inFlight
        self.etag = etag
    }
}
