internal import Core

extension WebhookDefinition {
    /// A new definition that somebody asks for; throws every fault in it. Members named in `ignoring` are as if they were not
    /// there.
    package init(asked json: [UInt8], ignoring: Set<String>) throws(InvalidConfiguration) {
        try self.init(json: json, ignoring: ignoring)
        _ = try secretsToKeep(of: nil, in: json)
    }

    /// The members that stay as the file has them, because a secret is in the file itself and this definition, which `source`
    /// asks for, has in its place what is shown of it. Throws when it would write a secret there.
    ///
    /// Such a secret goes into a file by hand, when the file's rights are seen to, and through no program's arguments or
    /// connections.
    func secretsToKeep(of old: WebhookDefinition?, in source: [UInt8]) throws(InvalidConfiguration) -> Set<String> {
        var kept: Set<String> = []
        var findings = Findings()
        let root = JSONCursor(root: try JSONTree(checking: source).root)
        for (key, secrets) in secretsOfMembers {
            let inline = secrets.compactMap { if case .inline(let secret) = $0.place { secret } else { nil } }
            if inline.isEmpty { continue }
            if let old, inline.allSatisfy(\.isPlaceholder), member(key) == old.member(key) {
                kept.insert(key)
            } else {
                findings.add(
                    "would put a secret into the configuration file",
                    "give \"file\" or \"env\", or edit the file by hand",
                    at: root.member(key) ?? root)
            }
        }
        let faults = findings.placed(in: source)
        guard faults.isEmpty else { throw InvalidConfiguration(faults: faults) }
        return kept
    }

    private var secretsOfMembers: [(key: String, secrets: [SecretReference])] {
        [("secrets", secrets), ("auth", [authentication?.secret].compactMap(\.self))]
    }

    private func member(_ key: String) -> JSONLiteral? { members.first { $0.key == key }?.value }
}
