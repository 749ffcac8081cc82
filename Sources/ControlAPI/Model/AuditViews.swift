package struct AuditView: Codable, Hashable, Sendable {
    package var position: Int64
    package var at: String
    /// Who: `uid 1000 (anna)`, `token ci`, `file`.
    package var actor: String
    /// What was done: `webhook.create`, `configuration.reload`, …
    package var action: String
    /// To which: `webhook 129`.
    package var subject: String
    package var before: String
    package var after: String
    package init(
        position: Int64, at: String, actor: String, action: String, subject: String, before: String, after: String
    ) {
        self.position = position
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
    }
}

package struct AuditPage: Codable, Hashable, Sendable {
    package var entries: [AuditView]
    package var next: Int64?
    package init(entries: [AuditView], next: Int64?) {
        self.entries = entries
        self.next = next
    }
}
