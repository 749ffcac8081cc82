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
    /// The addresses that it may go to.
    let policy: AddressPolicy
    let proxy: ProxyChoice
    /// What an answer that repeats it must not bring to light: of the URL all that is behind the host, and what says who
    /// sends it. Words that are too short to be secret are left out.
    private(set) var secrets: [[UInt8]] = []

    /// URL and time-outs are the webhook's of now; the body is what was frozen when the event happened.
    init(
        _ callback: Callback, to webhook: Webhook, from host: AddressRules, version: String, at wall: WallTime
    ) {
        self.init(
            callback.id, callback.content, "plughook-sequence: \(callback.sequence)", to: webhook, from: host,
            version: version, at: wall)
    }

    /// A test has no place in a lane, and says what it is.
    init(
        testing webhook: Webhook, from host: AddressRules, id: CallbackID, content: Content, version: String,
        at wall: WallTime
    ) {
        self.init(id, content, "plughook-test: 1", to: webhook, from: host, version: version, at: wall)
    }

    /// A question. Those who are asked are near: that receivers be public is not said of them.
    init(get url: String, from host: AddressRules, version: String, within limit: Duration) {
        policy = AddressPolicy(host: AddressRules(allow: host.allow, deny: host.deny))
        proxy = .none
        self.url = url
        headers = ["Accept: application/json", "User-Agent: plughook/\(version)"]
        body = nil
        timeout = limit
        connectTimeout = limit
    }

    private init(
        _ id: CallbackID, _ content: Content, _ ownHeader: String, to webhook: Webhook, from host: AddressRules,
        version: String, at wall: WallTime
    ) {
        url = webhook.url
        policy = AddressPolicy(host: host, webhook: webhook.addresses)
        proxy = webhook.proxy
        headers =
            content.allHeaders
            + [
                "User-Agent: plughook/\(version)",
                "webhook-id: \(id)",
                "webhook-timestamp: \(wall.milliseconds / 1000)",
                ownHeader,
                StandardWebhooks.signature(of: content.body, id: id, at: wall, by: webhook.keys)
                    .map { "webhook-signature: \($0)" },
                webhook.authorization.map { "Authorization: \($0.header)" },
            ].compactMap(\.self) + webhook.headers.map { "\($0.name): \($0.value)" }
        body = content.body
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
        tls = webhook.tls
        secrets = Self.secrets(of: webhook)
    }

    private static func secrets(of webhook: Webhook) -> [[UInt8]] {
        var words = webhook.headers.map(\.value)
        if let token = webhook.authorization?.header.split(separator: " ").last { words.append(String(token)) }
        let parts = webhook.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        if let place = parts.last?.drop(while: { $0 != "/" && $0 != "?" }).dropFirst() { words.append(String(place)) }
        return words.map { Array($0.utf8) }.filter { $0.count >= 8 }
    }
}
