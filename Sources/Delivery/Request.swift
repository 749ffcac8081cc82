internal import Core

/// One exchange as it goes over the wire.
struct Request: Hashable {
    let url: String
    let headers: [String]
    /// Nil: nothing is posted, but asked for.
    let body: [UInt8]?
    let timeout: Duration
    let connectTimeout: Duration
    var tls = TLSRequirements()

    /// URL and time-outs are the webhook's of now; the body is what was frozen when the event happened.
    init(_ callback: Callback, to webhook: Webhook, version: String, at wall: WallTime) {
        self.init(
            callback.id, callback.body, "plughook-sequence: \(callback.sequence)", to: webhook, version: version,
            at: wall)
    }

    /// A test has no place in a lane, and says what it is.
    init(testing webhook: Webhook, id: CallbackID, body: [UInt8], version: String, at wall: WallTime) {
        self.init(id, body, "plughook-test: 1", to: webhook, version: version, at: wall)
    }

    /// A question.
    init(get url: String, version: String, within limit: Duration) {
        self.url = url
        headers = ["Accept: application/json", "User-Agent: plughook/\(version)"]
        body = nil
        timeout = limit
        connectTimeout = limit
    }

    private init(
        _ id: CallbackID, _ body: [UInt8], _ ownHeader: String, to webhook: Webhook, version: String, at wall: WallTime
    ) {
        url = webhook.url
        headers =
            [
                "Content-Type: application/json; charset=utf-8",
                "User-Agent: plughook/\(version)",
                "webhook-id: \(id)",
                "webhook-timestamp: \(wall.milliseconds / 1000)",
                ownHeader,
            ]
            + [
                StandardWebhooks.signature(of: body, id: id, at: wall, by: webhook.keys)
                    .map { "webhook-signature: \($0)" },
                webhook.authorization.map { "Authorization: \($0.header)" },
            ].compactMap(\.self) + webhook.headers.map { "\($0.name): \($0.value)" }
        self.body = body
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
        tls = webhook.tls
    }
}
