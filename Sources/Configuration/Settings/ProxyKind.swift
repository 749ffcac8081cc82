import Core

extension Kind where Value == ProxyChoice {
    /// `none`, `environment`, or the URL of a proxy.
    static var proxy: Kind {
        ProxyWords.kind(of: ["none", "environment"])
            .converted(
                adding: ProxyWords.schema(of: "none|environment"), back: ProxyWords.text, by: ProxyWords.choice)
    }
}

extension Kind where Value == ProxyChoice? {
    /// Those, or `host`: what the host says for all webhooks.
    static var webhookProxy: Kind {
        ProxyWords.kind(of: ["host", "none", "environment"]).converted(
            adding: ProxyWords.schema(of: "host|none|environment"),
            back: { $0.map(ProxyWords.text) ?? "host" },
            by: { (text) throws(Objection) in text == "host" ? nil : try ProxyWords.choice(text) })
    }
}

private enum ProxyWords {
    static func kind(of words: [String]) -> Kind<String> {
        .text(1...WebhookURL.longest, words.map { "\"\($0)\"" }.joined(separator: ", ") + " or a proxy's URL")
    }

    static func schema(of words: String) -> JSONLiteral {
        ["pattern": .string("^(\(words)|[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+/?)$")]
    }

    static func text(_ choice: ProxyChoice) -> String {
        switch choice {
        case .none: "none"
        case .environment: "environment"
        case .url(let url): url
        }
    }

    static func choice(_ text: String) throws(Objection) -> ProxyChoice {
        if text == "none" { return .none }
        if text == "environment" { return .environment }
        guard text.contains(":") else {
            throw Objection(
                "is no proxy", "give \"none\", \"environment\", or a URL like http://proxy.example.com:3128")
        }
        try WebhookURL.check(text)
        let rest = text.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" && $0 != "?" }
        guard rest.isEmpty || rest == "/" else {
            throw Objection("has a path", "give scheme, host and port alone")
        }
        return .url(text)
    }
}
