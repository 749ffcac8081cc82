package import Core

/// A webhook as the file defines it; its number may be known to the database only.
package struct WebhookDefinition: Hashable, Sendable {
    /// Nil binds the definition, by its exact name, to the number that the database has or gives.
    package var id: WebhookID?
    /// 1–50 code points, no other definition has the same bytes.
    package var name = ""
    package var url = ""
    /// At most 512 code points.
    package var description = ""
    /// At least one.
    package var events: Set<Status> = []
    package var scope = DeviceScope()
    package var isEnabled = true
    package var timeout: Duration = .seconds(15)
    /// Never longer than `timeout`.
    package var connectTimeout: Duration = .seconds(5)
    /// Where the keys are that callbacks are signed with, the newest first.
    package var secrets: [SecretReference] = []
    /// Those, once they have been read: one for each, in this order. No part of what the file says.
    package var keys: [SigningKey] = []
    package var authentication: AuthenticationReference?
    /// That, once its secret has been read. No part of what the file says.
    package var authorization: Authorization?
    package var headers: [OwnHeader] = []
    package var backlog = Backlog.all
    package var format = FormatName.kobiton
    package var template = TemplateSettings()
    /// Those, with the template read. No part of what the file says.
    package var bodyFormat = BodyFormat.kobiton
    package var tls = TLSSettings()
    package var addresses = AddressRules()
    /// Nil: what the host says for all.
    package var proxy: ProxyChoice?
    /// That, or the host's. No part of what the file says.
    package var way = ProxyChoice.none
    /// That, with the files' places. No part of what the file says.
    package var requirements = TLSRequirements()

    package init() {}

    /// As the file says it.
    package var proxyWord: String {
        if case .string(let word)? = Kind.webhookProxy.literal(proxy) { word } else { "host" }
    }

    /// The webhook, once its number is known.
    package func webhook(id: WebhookID) -> Webhook {
        Webhook(
            id: id, name: name, url: url, events: events, scope: scope, isEnabled: isEnabled, timeout: timeout,
            connectTimeout: connectTimeout, keys: keys, authorization: authorization, headers: headers,
            tls: requirements, backlog: backlog, format: bodyFormat,
            addresses: addresses, proxy: way)
    }

    private func settleTemplate(_ cursor: JSONCursor, _ findings: inout Findings) {
        let place = cursor.member("template")
        // A file that is none is told already.
        if format == .template, template.file == nil, place?.member("file") == nil {
            findings.add(
                "does not say which template", "add \"template\": { \"file\": \"slack.mustache\" }",
                at: place ?? cursor.member("format") ?? cursor)
        } else if format != .template, let place, template != TemplateSettings() {
            findings.add(
                "is of no meaning for the format \"\(format.rawValue)\"", "remove it, or give \"format\": \"template\"",
                at: place)
        }
    }

    static let kind = Kind<WebhookDefinition>.object(
        WebhookDefinition(),
        [
            Field("id", \.id, .webhookID, "The webhook's number; given by the agent when it is not here."),
            Field("name", \.name, .text(1...50), isRequired: true, "Its name, the only one of that spelling."),
            Field("url", \.url, .webhookURL, isRequired: true, "Where the callbacks go."),
            Field("description", \.description, .text(0...512, isMultiline: true), "What it is for."),
            Field("events", \.events, .events, isRequired: true, "The changes of status that it is told of."),
            Field("devices", \.scope, .scope, "Which phones it is told of; all when nothing is given."),
            Field("enabled", \.isEnabled, .boolean, "False creates no callbacks."),
            Field(
                "timeoutMs", \.timeout, .milliseconds(1000...30_000),
                "How long one attempt may take, from the name's lookup to the answer's end."),
            Field(
                "connectTimeoutMs", \.connectTimeout, .milliseconds(100...30_000),
                "The part of it in which the connection must stand."),
            Field(
                "backlog", \.backlog, .choice(),
                "What is sent after the receiver was away: every callback, or of each phone the latest."),
            Field("format", \.format, .choice(), "The form of the body."),
            Field("template", \.template, TemplateSettings.kind, "With the format \"template\", the one to fill in."),
            Field(
                "secrets", \.secrets, .secrets,
                "What callbacks are signed with, by Standard Webhooks, the newest first; none: they are not signed."),
            Field("auth", \.authentication, .authentication, "How callbacks say who sends them."),
            Field("headers", \.headers, .ownHeaders, "Headers of your own beside those that every callback has."),
            Field("tls", \.tls, TLSSettings.kind, "What a connection must be beyond what every one must be."),
            Field(
                "addresses", \.addresses, .addresses,
                "Where the receiver may be; the host's own rules, \"delivery\", stand beside these."),
            Field(
                "proxy", \.proxy, .webhookProxy,
                "Which way callbacks go: straight, through a proxy, or as the host has it in \"delivery\"."),
        ],
        settle: { webhook, cursor, findings in
            webhook.settleTemplate(cursor, &findings)
            if webhook.tls != TLSSettings(), webhook.url.lowercased().hasPrefix("http:"),
                let place = cursor.member("tls")
            {
                findings.add("is of no meaning for an http URL", "remove it, or give an https URL", at: place)
            }
            guard webhook.connectTimeout > webhook.timeout else { return }
            if let place = cursor.member("connectTimeoutMs") {
                findings.add(
                    "is longer than timeoutMs, \(webhook.timeout.wholeMilliseconds)", "give less, or raise timeoutMs",
                    at: place)
            } else {
                webhook.connectTimeout = webhook.timeout
            }
        })
}

extension Kind where Value == [WebhookDefinition] {
    static var webhooks: Kind {
        .list(
            of: WebhookDefinition.kind,
            distinct: [
                Distinct(member: "name", noun: "name") { $0.name.isEmpty ? nil : Array($0.name.utf8) },
                Distinct(member: "id", noun: "id") { $0.id.map { Array(String($0.value).utf8) } },
            ])
    }
}

extension Kind where Value == WebhookID? {
    fileprivate static var webhookID: Kind {
        Kind<Int64>.integer(1...Configuration.largestID).converted(back: { $0.value }, by: { WebhookID($0) }).orNone
    }
}

extension Kind where Value == Set<Status> {
    fileprivate static var events: Kind {
        Kind<[Status]>.list(
            of: .choice(), count: 1...Status.allCases.count,
            distinct: [Distinct(member: nil, noun: "event") { Array($0.rawValue.utf8) }]
        )
        .converted(back: { events in Status.allCases.filter(events.contains) }, by: { Set($0) })
    }
}
