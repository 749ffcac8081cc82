package struct WebhookView: Codable, Hashable, Sendable {
    package var id: Int64
    package var name: String
    /// Without the right to change webhooks: scheme and host only, for a path may be a secret.
    package var url: String
    package var description: String
    package var events: [String]
    package var devices: ScopeView
    package var enabled: Bool
    package var timeoutMs: Int
    package var connectTimeoutMs: Int
    /// What is sent after the receiver was away: `all` callbacks, or of each phone the `latest`.
    package var backlog: String
    /// Where the keys are that callbacks are signed with, the newest first; none: they are not signed.
    package var secrets: [SecretView]
    package var auth: AuthenticationView
    /// Those of the user's own; without the right to change webhooks, without their values.
    package var headers: [String: String]
    package var tls: TLSView
    /// Where its receiver may be, beside what the host's own rules say.
    package var addresses: AddressesView
    /// The form of the body.
    package var format: String
    /// With the format `template`, the one that is filled in.
    package var template: TemplateView
    /// `host`, `none`, `environment` or the URL of a proxy.
    package var proxy: String
    /// Held by hand: callbacks are made and wait.
    package var isSuspended: Bool
    /// Nil while the receiver is there, as far as is known.
    package var away: AwayView?
    /// Callbacks that are not under way.
    package var waiting: Int
    package var inFlight: Int
    /// The tag of the definition, for `If-Match`; the same as the `ETag` header of this webhook.
    package var etag: String
    package init(
        id: Int64, name: String, url: String, description: String, events: [String], devices: ScopeView = ScopeView(),
        enabled: Bool, timeoutMs: Int,
        connectTimeoutMs: Int, backlog: String = "all", secrets: [SecretView] = [],
        auth: AuthenticationView = AuthenticationView(),
        headers: [String: String] = [:], tls: TLSView = TLSView(),
        addresses: AddressesView = AddressesView(), format: String = "kobiton", template: TemplateView = TemplateView(),
        proxy: String = "host",
        isSuspended: Bool, away: AwayView? = nil, waiting: Int,
        inFlight: Int,
        etag: String
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.description = description
        self.events = events
        self.devices = devices
        self.enabled = enabled
        self.timeoutMs = timeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.backlog = backlog
        self.secrets = secrets
        self.auth = auth
        self.headers = headers
        self.tls = tls
        self.addresses = addresses
        self.format = format
        self.template = template
        self.proxy = proxy
        self.isSuspended = isSuspended
        self.away = away
        self.waiting = waiting
        self.inFlight = inFlight
        self.etag = etag
    }
}

/// A receiver that is taken for away: the oldest callback alone is tried, now and then.
package struct AwayView: Codable, Hashable, Sendable {
    package var since: String
    /// What the last attempt came to.
    package var outcome: String
    /// How often it was tried since.
    package var tries: Int
    package var nextTryAt: String

    package init(since: String, outcome: String, tries: Int, nextTryAt: String) {
        self.since = since
        self.outcome = outcome
        self.tries = tries
        self.nextTryAt = nextTryAt
    }
}

/// What a connection must be beyond what every one must be.
package struct TLSView: Codable, Hashable, Sendable {
    package var caFile: String?
    package var certificateFile: String?
    package var keyFile: String?
    package var pins: [String]?
    /// `1.2` or `1.3`.
    package var minVersion: String

    package init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, pins: [String]? = nil,
        minVersion: String = "1.2"
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.pins = pins
        self.minVersion = minVersion
    }
}

package struct TemplateView: Codable, Hashable, Sendable {
    package var file: String?
    package var contentType: String

    package init(file: String? = nil, contentType: String = "application/json; charset=utf-8") {
        self.file = file
        self.contentType = contentType
    }
}

/// Addresses and ranges of them (`10.0.0.0/8`); what neither names is refused when no receiver can have it.
package struct AddressesView: Codable, Hashable, Sendable {
    package var allow: [String]
    package var deny: [String]
    /// All that is not on the public Internet is refused, too.
    package var publicOnly: Bool

    package init(allow: [String] = [], deny: [String] = [], publicOnly: Bool = false) {
        self.allow = allow
        self.deny = deny
        self.publicOnly = publicOnly
    }
}

/// How callbacks say who sends them; at most one of both.
package struct AuthenticationView: Codable, Hashable, Sendable {
    package struct Basic: Codable, Hashable, Sendable {
        package var user: String
        package var password: SecretView

        package init(user: String, password: SecretView) {
            self.user = user
            self.password = password
        }
    }

    package var bearer: SecretView?
    package var basic: Basic?

    package init(bearer: SecretView? = nil, basic: Basic? = nil) {
        self.bearer = bearer
        self.basic = basic
    }
}

/// A secret by its place, as the configuration has it.
package struct SecretView: Codable, Hashable, Sendable {
    /// One of the three.
    package var file: String?
    package var env: String?
    /// That it is in the configuration file itself; never the secret.
    package var value: String?
    /// From when on it is not used any more.
    package var notAfter: String?

    package init(file: String? = nil, env: String? = nil, value: String? = nil, notAfter: String? = nil) {
        self.file = file
        self.env = env
        self.value = value
        self.notAfter = notAfter
    }
}

/// Which phones a webhook is told of: every kind that is given must fit, and of one kind one word is enough.
package struct ScopeView: Codable, Hashable, Sendable {
    package var udids: [String]?
    package var names: [String]?
    package var platforms: [String]?
    package var labels: [String: String]?
    package var ports: [String]?

    package init(
        udids: [String]? = nil, names: [String]? = nil, platforms: [String]? = nil, labels: [String: String]? = nil,
        ports: [String]? = nil
    ) {
        self.udids = udids
        self.names = names
        self.platforms = platforms
        self.labels = labels
        self.ports = ports
    }

    package var isEverything: Bool { self == ScopeView() }
}

/// What a webhook hears of now.
package struct MatchView: Codable, Hashable, Sendable {
    /// The changes that it is told of; none while it is disabled.
    package var events: [String]
    /// In the order of their UDIDs; none that is public.
    package var devices: [MatchedDeviceView]
    /// How many other phones are known.
    package var others: Int

    package init(events: [String], devices: [MatchedDeviceView], others: Int) {
        self.events = events
        self.devices = devices
        self.others = others
    }
}

/// What a callback would be.
package struct PreviewView: Codable, Hashable, Sendable {
    /// Header lines of the body's form.
    package var headers: [String]
    package var body: String

    package init(headers: [String], body: String) {
        self.headers = headers
        self.body = body
    }
}

package struct MatchedDeviceView: Codable, Hashable, Sendable {
    package var udid: String
    package var name: String
    /// Nil when it was never reported.
    package var status: String?
    package init(udid: String, name: String, status: String?) {
        self.udid = udid
        self.name = name
        self.status = status
    }
}
