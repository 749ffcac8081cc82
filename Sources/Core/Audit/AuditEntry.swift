/// Who changed what, when, and from what to what: for the question "who was that?" months later.
package struct AuditEntry: Hashable, Sendable {
    package let at: WallTime
    /// Who: a user by number and name, a token's name, `file`.
    package let actor: String
    /// What was done: `webhook.create`, `configuration.reload`, …
    package let action: String
    /// To which: `webhook 129`.
    package let subject: String
    /// Without secrets: whoever makes the entry has taken them out. Empty when there was nothing before.
    package let before: String
    /// The same. Empty when there is nothing any more.
    package let after: String

    package init(at: WallTime, actor: String, action: String, subject: String, before: String, after: String) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
    }
}

/// An entry as it is kept, and its place among the others.
package struct AuditRecord: Hashable, Sendable {
    /// Ascending in the order in which the entries were committed.
    package let position: Int64
    package let entry: AuditEntry

    package init(position: Int64, entry: AuditEntry) {
        self.position = position
        self.entry = entry
    }
}
