internal import Core

/// A JSON merge patch (RFC 7396) of a definition: members to set, and null for those that are to have their default.
package struct WebhookPatch: Sendable {
    private let tree: JSONTree
    private let members: [JSONMember]

    /// Throws the fault of the syntax; a patch that is no object would be a whole new definition and is refused.
    package init(json source: [UInt8], ignoring: Set<String> = []) throws(InvalidConfiguration) {
        tree = try JSONTree(checking: source)
        guard case .object(let members) = tree.root.without(ignoring).value else {
            var findings = Findings()
            findings.addWrongType(at: JSONCursor(root: tree.root), expectation: "an object in braces")
            throw InvalidConfiguration(faults: findings.placed(in: source))
        }
        self.members = members
    }

    /// The definition as it is to be, and what is to be changed in the file to make it so.
    ///
    /// Throws what is wrong with the whole of it; a fault has its place in the patch, or the start of the patch when the
    /// patch does not speak of it.
    package func applied(
        to definition: WebhookDefinition
    ) throws(InvalidConfiguration) -> (definition: WebhookDefinition, changes: [MemberChange]) {
        let old = Dictionary(definition.members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        let members = members.map { member in
            JSONMember(member, with: member.node.merged(onto: old[member.key]))
        }
        let isPartForgotten = forgetsConnectTimeout(of: definition)
        let place = tree.root.range.lowerBound..<tree.root.range.lowerBound
        let kept = definition.members.filter { member in
            !(isPartForgotten && member.key == Self.part) && !members.contains { $0.key == member.key }
        }
        let given = members.filter { !$0.isNull || !Self.known.contains($0.key) }
        let whole = JSONNode(
            range: tree.root.range, value: .object(kept.map { JSONMember($0, at: place) } + given))
        let result = try WebhookDefinition(whole, duplicates: tree.duplicates, in: tree.source)
        let changes = members.map { MemberChange(key: $0.key, value: JSONLiteral($0.node.value)) }
        return (result, changes + (isPartForgotten ? [.removed(Self.part)] : []))
    }

    /// Whoever shortens the whole does not have to know of the part, unless somebody has set it.
    private func forgetsConnectTimeout(of definition: WebhookDefinition) -> Bool {
        let isUnset = definition.connectTimeout == min(definition.timeout, WebhookDefinition().connectTimeout)
        return isUnset && members.contains { $0.key == "timeoutMs" } && !members.contains { $0.key == Self.part }
    }

    private static let part = "connectTimeoutMs"

    /// What null may be said of; of others, like a misspelt one, it is told that they are not known.
    private static let known: Set<String> = Set(
        WebhookDefinition().members.map(\.key) + ["id", "format"])
}

extension JSONMember {
    fileprivate init(_ member: JSONMember, with node: JSONNode) {
        self.init(key: member.key, keyRange: member.keyRange, node: node)
    }
}

extension JSONNode {
    /// What a patch makes of the value that was there (RFC 7396): objects are merged, also with one that was not there, and
    /// all else takes its place.
    fileprivate func merged(onto old: JSONLiteral?) -> JSONNode {
        guard case .object(let members) = value else { return self }
        let others: [JSONLiteral.Member] = if case .object(let others) = old { others } else { [] }
        let place = range.lowerBound..<range.lowerBound
        let kept = others.filter { other in !members.contains { $0.key == other.key } }
        let changed = members.filter { !$0.isNull }.map { member in
            JSONMember(member, with: member.node.merged(onto: others.first { $0.key == member.key }?.value))
        }
        return JSONNode(range: range, value: .object(kept.map { JSONMember($0, at: place) } + changed))
    }
}

extension JSONMember {
    fileprivate var isNull: Bool { if case .null = node.value { true } else { false } }
}
