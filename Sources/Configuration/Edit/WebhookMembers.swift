internal import Core

extension WebhookDefinition {
    /// Reads and checks one definition on its own, by the rules of the file; places in the faults are relative to it.
    ///
    /// Members named in `ignoring` are as if they were not there: what others are shown, and may send back.
    package init(json source: [UInt8], ignoring: Set<String> = []) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        try self.init(tree.root.without(ignoring), duplicates: tree.duplicates, in: source)
    }

    /// What of it a source says, and where; nodes that are not from the source have the place of what they belong to.
    init(_ node: JSONNode, duplicates: [Finding], in source: [UInt8]) throws(InvalidConfiguration) {
        self = try Self.kind.value(of: node, duplicates: duplicates, in: source)
    }

    /// All of it in the file's words, defaults included; the number only if it has one.
    package var members: [JSONLiteral.Member] {
        let number = id.map { [JSONLiteral.Member("id", .integer($0.value))] } ?? []
        let words = Status.allCases.filter(events.contains).map { JSONLiteral.string($0.rawValue) }
        return number + [
            .init("name", .string(name)), .init("url", .string(url)), .init("description", .string(description)),
            .init("events", .array(words)), .init("devices", Kind.scope.literal(scope) ?? [:]),
            .init("enabled", .boolean(isEnabled)),
            .init("timeoutMs", .integer(timeout.wholeMilliseconds)),
            .init("connectTimeoutMs", .integer(connectTimeout.wholeMilliseconds)),
            .init("backlog", .string(backlog.rawValue)),
            .init("format", .string(format.rawValue)),
            .init("template", TemplateSettings.kind.literal(template) ?? [:]),
            .init("secrets", Kind.secrets.literal(secrets) ?? []),
            .init("auth", Kind.authentication.literal(authentication) ?? [:]),
            .init("headers", Kind.ownHeaders.literal(headers) ?? [:]),
            .init("tls", TLSSettings.kind.literal(tls) ?? [:]),
            .init("addresses", Kind.addresses.literal(addresses) ?? [:]),
            .init("proxy", Kind.webhookProxy.literal(proxy) ?? "host"),
        ]
    }
}

extension JSONNode {
    /// The same without these members, if it is an object.
    func without(_ keys: Set<String>) -> JSONNode {
        guard case .object(let members) = value, !keys.isEmpty else { return self }
        return JSONNode(range: range, value: .object(members.filter { !keys.contains($0.key) }))
    }
}
