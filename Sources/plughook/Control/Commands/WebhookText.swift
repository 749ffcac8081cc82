internal import ControlAPI
internal import Core

// Webhooks and what they are made of, for people.

extension WebhookView {
    /// `webhook "ci" (id 129)`, safe to print.
    var title: String { "webhook \"\(name)\" (id \(id))".printable }

    /// All of it, for people.
    var text: String {
        var facts = FactList()
        facts.add("id", String(id))
        facts.add("name", name)
        facts.add("url", url)
        facts.add("description", description)
        facts.add("events", events.joined(separator: ", "))
        facts.add("phones", devices.text)
        facts.add("state", state)
        facts.add("time limits", "\(timeoutMs) ms, \(connectTimeoutMs) ms of them to connect")
        facts.add("after an outage", backlog == "latest" ? "of each phone the latest callback" : "every callback")
        facts.add("format", template.file.map { "\(format) \($0), \(template.contentType)" } ?? format)
        facts.add("signed with", secrets.isEmpty ? "nothing" : secrets.map(\.text).joined(separator: ", "))
        facts.add("authorization", auth.text)
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { facts.add("header", "\(name): \(value)") }
        facts.add("tls", tls.text)
        facts.add("addresses", addresses.text)
        facts.add("proxy", proxy == "host" ? nil : proxy)
        facts.add("callbacks", "\(waiting) waiting, \(inFlight) under way")
        facts.add("receiver", away?.text)
        return facts.text
    }

    var state: String {
        away == nil ? stateByHand : "\(stateByHand), away"
    }

    private var stateByHand: String {
        switch (enabled, isSuspended) {
        case (true, false): "enabled"
        case (true, true): "suspended"
        case (false, false): "disabled"
        case (false, true): "disabled, suspended"
        }
    }

    /// The path below `/v1`.
    var path: [String] { ["webhooks", String(id)] }

    /// For `If-Match`, which wants quotes (RFC 9110, 8.8.3).
    var quotedTag: String { etag.hasPrefix("\"") ? etag : "\"\(etag)\"" }
}

extension AwayView {
    var text: String {
        "away since \(since) (\(outcome)), tried \(tries) time\(tries == 1 ? "" : "s"), next at \(nextTryAt)"
    }
}

extension ScopeView {
    var text: String {
        let labels = labels.map { $0.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        let kinds = [udids, names?.map { "named \($0)" }, platforms, labels, ports?.map { "at port \($0)" }]
        let words = kinds.compactMap { $0?.joined(separator: " or ") }
        return words.isEmpty ? "all" : words.joined(separator: ", and ")
    }
}

extension TLSView {
    var text: String {
        let words = [
            caFile.map { "authorities in \($0)" }, certificateFile.map { "shows \($0)" },
            pins.map { "\($0.count == 1 ? "1 pin" : "\($0.count) pins")" },
        ].compactMap(\.self)
        return (["\(minVersion) or newer"] + words).joined(separator: ", ")
    }
}

extension AddressesView {
    /// Nil: nothing is said.
    var text: String? {
        let words = [
            publicOnly ? "public only" : nil, allow.isEmpty ? nil : "allowed " + allow.joined(separator: " "),
            deny.isEmpty ? nil : "denied " + deny.joined(separator: " "),
        ].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}

extension AuthenticationView {
    var text: String {
        bearer.map { "bearer, \($0.text)" } ?? basic.map { "basic, user \($0.user), \($0.password.text)" } ?? "none"
    }
}

extension SecretView {
    var text: String {
        let place = file.map { "file \($0)" } ?? env.map { "variable \($0)" } ?? "in the configuration file"
        return place + (notAfter.map { " until \($0)" } ?? "")
    }
}
