internal import Core

/// One attempt as it goes over the wire.
struct Request: Hashable {
    let url: String
    let headers: [String]
    let body: [UInt8]
    let timeout: Duration
    let connectTimeout: Duration

    /// URL and time-outs are the webhook's of now; the body is what was frozen when the event happened.
    init(_ callback: Callback, to webhook: Webhook, version: String, at wall: WallTime) {
        url = webhook.url
        headers = [
            "Content-Type: application/json; charset=utf-8",
            "User-Agent: plughook/\(version)",
            "webhook-id: \(callback.id)",
            "webhook-timestamp: \(wall.milliseconds / 1000)",
            "plughook-sequence: \(callback.sequence)",
        ]
        body = callback.body
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
    }
}
