internal import Core

extension WebhookDefinition {
    /// What is to be changed in the file to make this definition the one that a request asks for, and that one.
    ///
    /// `json` is all of it, or a patch (`WebhookPatch`). Throws every fault in it. A secret in the file itself stays as it is
    /// when what is shown of it is sent back.
    package func changes(
        by json: [UInt8], isPatch: Bool, ignoring: Set<String>
    ) throws(InvalidConfiguration) -> (definition: WebhookDefinition, changes: [MemberChange]) {
        let (new, changes) = try allChanges(by: json, isPatch: isPatch, ignoring: ignoring)
        let kept = try new.secretsToKeep(of: self, in: json)
        return (new, changes.filter { !kept.contains($0.key) })
    }

    private func allChanges(
        by json: [UInt8], isPatch: Bool, ignoring: Set<String>
    ) throws(InvalidConfiguration) -> (definition: WebhookDefinition, changes: [MemberChange]) {
        if isPatch { return try WebhookPatch(json: json, ignoring: ignoring).applied(to: self) }
        let new = try WebhookDefinition(json: json, ignoring: ignoring)
        let defaults = Dictionary(uniqueKeysWithValues: WebhookDefinition().members.map { ($0.key, $0.value) })
        let changes = new.members.filter { $0.key != "id" }.map { member in
            // The shorter of two ways to say the same: what is left out has its default.
            member.value == defaults[member.key] ? MemberChange.removed(member.key) : .set(member.key, member.value)
        }
        return (new, changes)
    }

    /// A tag of the definition as it is: another definition has another one, in this version of the program.
    package var tag: String {
        // FNV-1a, 64 bits: tags are compared by those who may change the definition anyway.
        let hash = JSONLiteral.object(members).prettyText.utf8.reduce(into: 0xcbf2_9ce4_8422_2325 as UInt64) {
            $0 = ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}
