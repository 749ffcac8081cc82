/// The number of a webhook: given on creation, never reused.
package struct WebhookID: Hashable, Comparable, Sendable {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// Who wants to be told, of what, where.
package struct Webhook: Hashable, Sendable {
    package let id: WebhookID
    /// 1–50 code points, unique in the organisation, compared byte for byte.
    package var name: String
    /// Absolute, `http` or `https`, without user information and fragment.
    package var url: String
    package var events: Set<Status>
    package var scope: DeviceScope
    /// False creates no callbacks.
    package var isEnabled: Bool
    /// How long one attempt may take from the first byte of DNS to the last of the answer.
    package var timeout: Duration
    /// The part of `timeout` in which the connection, TLS included, must stand.
    package var connectTimeout: Duration
    /// The newest first; at least one of them is good for ever. None: callbacks go out unsigned.
    package var keys: [SigningKey]
    package var authorization: Authorization?
    /// None of those that the agent says itself.
    package var headers: [OwnHeader]
    package var tls: TLSRequirements
    package var backlog: Backlog
    package var format: BodyFormat
    /// Where callbacks may go to, beside what the host's rules say.
    package var addresses: AddressRules
    package var proxy: ProxyChoice

    package init(
        id: WebhookID, name: String, url: String, events: Set<Status>, scope: DeviceScope = DeviceScope(),
        isEnabled: Bool = true,
        timeout: Duration = .seconds(15), connectTimeout: Duration = .seconds(5), keys: [SigningKey] = [],
        authorization: Authorization? = nil, headers: [OwnHeader] = [],
        tls: TLSRequirements = TLSRequirements(), backlog: Backlog = .all, format: BodyFormat = .kobiton,
        addresses: AddressRules = AddressRules(), proxy: ProxyChoice = .none
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.events = events
        self.scope = scope
        self.isEnabled = isEnabled
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.keys = keys
        self.authorization = authorization
        self.headers = headers
        self.tls = tls
        self.backlog = backlog
        self.format = format
        self.addresses = addresses
        self.proxy = proxy
    }

    /// Whether what is sent goes the same way, and says the same of who sends it.
    package func isReached(like other: Webhook) -> Bool {
        var twin = other
        twin.name = name
        twin.events = events
        twin.scope = scope
        twin.isEnabled = isEnabled
        twin.backlog = backlog
        twin.format = format
        return self == twin
    }

    /// Whether it hears of that change of that phone.
    package func wants(_ status: Status, of phone: DeviceScope.Subject) -> Bool {
        isEnabled && events.contains(status) && scope.includes(phone)
    }
}
