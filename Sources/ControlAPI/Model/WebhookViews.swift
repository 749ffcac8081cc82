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
    /// Where the keys are that callbacks are signed with, the newest first; none: they are not signed.
    package var secrets: [SecretView]
    /// Held by hand: callbacks are made and wait.
    package var isSuspended: Bool
    /// Callbacks that are not under way.
    package var waiting: Int
    package var inFlight: Int
    /// The tag of the definition, for `If-Match`; the same as the `ETag` header of this webhook.
    package var etag: String
    package init(
        id: Int64, name: String, url: String, description: String, events: [String], enabled: Bool, timeoutMs: Int,
        connectTimeoutMs: Int, secrets: [SecretView] = [], isSuspended: Bool, waiting: Int, inFlight: Int, etag: String
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.description = description
        self.events = events
        self.enabled = enabled
        self.timeoutMs = timeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.secrets = secrets
        self.isSuspended = isSuspended
        self.waiting = waiting
        self.inFlight = inFlight
        self.etag = etag
    }
}

/// A secret by its place, as the configuration has it.
package struct SecretView: Codable, Hashable, Sendable {
    /// One of both.
    package var file: String?
    package var env: String?
    /// From when on it is not used any more.
    package var notAfter: String?

    package init(file: String? = nil, env: String? = nil, notAfter: String? = nil) {
        self.file = file
        self.env = env
        self.notAfter = notAfter
    }
}
