internal import Core
internal import Linux
internal import PlughookConfiguration
internal import Store

// The audit trail: who changed what. It is written with the next commit.
extension Agent {
    func note(_ actor: String, _ action: String, _ subject: String, before: String, after: String) {
        let entry = AuditEntry(
            at: .now(), actor: actor, action: action, subject: subject, before: before, after: after)
        ledger.add { $0.audit.append(entry) }
    }

    /// What one configuration changes of another: by whom it is known to be, else by the file's editor.
    func noteChanges(
        from old: (configuration: Configuration, ids: [WebhookID]),
        to new: (configuration: Configuration, ids: [WebhookID]),
        tickets: [Reloading.Ticket]
    ) {
        let before = Dictionary(zip(old.ids, old.configuration.webhooks), uniquingKeysWith: { $1 })
        let after = Dictionary(zip(new.ids, new.configuration.webhooks), uniquingKeysWith: { $1 })
        for id in Set(before.keys).union(after.keys).sorted() where before[id]?.tag != after[id]?.tag {
            let action = before[id] == nil ? "create" : after[id] == nil ? "delete" : "edit"
            note(
                reloading.actor(changing: .webhook(id), among: tickets) ?? "file", "webhook.\(action)",
                "webhook \(id.value)", before: before[id]?.shown ?? "", after: after[id]?.shown ?? "")
        }
        noteTokens(from: old.configuration, to: new.configuration, tickets: tickets)
        var (oldRest, newRest) = (old.configuration, new.configuration)
        (oldRest.webhooks, newRest.webhooks) = ([], [])
        oldRest.control.http?.tokens = []
        newRest.control.http?.tokens = []
        // A first token turns TCP on; what the token is for is written down already.
        if oldRest.control.http == nil, reloading.isTokenEdited(among: tickets) {
            oldRest.control.http = HTTPSettings()
        }
        if oldRest != newRest {
            let keys = oldRest.literal.changedKeys(to: newRest.literal).joined(separator: ", ")
            note("file", "configuration.change", configurationFile, before: "", after: keys)
        }
    }
}

extension Agent {
    private func noteTokens(from old: Configuration, to new: Configuration, tickets: [Reloading.Ticket]) {
        let (before, after) = (old.tokensByName, new.tokensByName)
        for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
            let action = before[name] == nil ? "create" : after[name] == nil ? "revoke" : "edit"
            note(
                reloading.actor(changing: .token(name), among: tickets) ?? "file", "token.\(action)", "token \(name)",
                before: before[name]?.shown ?? "", after: after[name]?.shown ?? "")
        }
    }
}

extension Configuration {
    fileprivate var tokensByName: [String: AccessToken] {
        Dictionary((control.http?.tokens ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}

extension AccessToken {
    /// Without the digest.
    fileprivate var shown: String {
        let permissions = Permission.allCases.filter(permissions.contains).map(\.rawValue).joined(separator: ",")
        return permissions + (expires.map { " until \($0)" } ?? "")
    }
}

extension WebhookDefinition {
    /// One line, without the path of its URL, which may be a secret.
    fileprivate var shown: String {
        let host = url.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//")
        let events = Status.allCases.filter(events.contains).map(\.rawValue).joined(separator: ",")
        return "\(name) → \(host)/…: \(events)\(isEnabled ? "" : ", disabled")"
    }
}

extension JSONLiteral {
    /// The keys of two objects that have not the same value.
    fileprivate func changedKeys(to other: JSONLiteral) -> [String] {
        guard case .object(let mine) = self, case .object(let others) = other else { return [] }
        let values = Dictionary(mine.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        return others.filter { values[$0.key] != $0.value }.map(\.key)
    }
}
