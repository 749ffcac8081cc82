package import Core

/// A valid configuration file, ready to be edited: each edit gives the file's new bytes and leaves all others as they are.
///
/// Order, indentation, line endings and a byte order mark stay. New text takes the manner of what is beside it. What comes
/// out is valid JSON and not checked further: read it with `Configuration(json:)` before it is written.
package struct ConfigurationEdit: Sendable {
    /// What the file says before the edit.
    package let configuration: Configuration
    private let tree: JSONTree

    /// Throws the faults of the file: one that is not in force is to be mended by hand first.
    package init(of source: [UInt8]) throws(InvalidConfiguration) {
        configuration = try Configuration(json: source)
        tree = try JSONTree(checking: source)
    }

    /// With one more definition at the end of `webhooks`.
    package func appending(webhook members: [JSONLiteral.Member]) -> [UInt8] { appending(members, to: .webhooks) }

    /// With one more at the end of `control.http.tokens`; without that, TCP is turned on by it.
    package func appending(token: AccessToken) -> [UInt8] { appending(token.members, to: .tokens) }

    /// With members of one definition set, added at its end or taken out, in this order; nil when it is not in the file.
    ///
    /// A member that has the value already keeps its bytes.
    package func replacing(_ changes: [MemberChange], of webhook: WebhookIdentity) -> [UInt8]? {
        let elements = elements(of: .webhooks)
        guard let index = configuration.webhooks.firstIndex(of: webhook), elements.indices.contains(index),
            var text = ObjectText(elements[index], in: tree.source)
        else { return nil }
        for change in changes { text.apply(change) }
        return tree.source.replacing(elements[index].range, by: text.bytes)
    }

    /// Without one definition, its comma and white space; nil when it is not in the file.
    package func removing(_ webhook: WebhookIdentity) -> [UInt8]? {
        configuration.webhooks.firstIndex(of: webhook).flatMap { removing(at: $0, from: .webhooks) }
    }

    /// Without the token of that name, compared byte for byte; nil when it is not in the file.
    package func removing(token name: String) -> [UInt8]? {
        configuration.control.http?.tokens.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
            .flatMap { removing(at: $0, from: .tokens) }
    }

    private func removing(at index: Int, from place: ListPlace) -> [UInt8]? {
        guard let node = node(at: place), var list = ItemList(node, in: tree.source), list.items.indices.contains(index)
        else { return nil }
        list.remove(at: index)
        return tree.source.replacing(node.range, by: list.bytes)
    }

    private func appending(_ members: [JSONLiteral.Member], to place: ListPlace) -> [UInt8] {
        let style = DocumentStyle(of: tree)
        guard let node = node(at: place), var list = ItemList(node, in: tree.source) else {
            return appendingList(of: members, at: place, style)
        }
        if let layout = elements(of: place).last.flatMap({ Layout(like: $0, in: tree.source) }) {
            list.append(layout.object(members), separator: list.nextSeparator(inline: style.comma), layout: layout)
        } else {
            let layout = style.layout(in: tree.source.indentation(at: node.range.lowerBound))
            let item = style.layout(in: layout.itemIndentation).object(members)
            list.append(item, separator: [], layout: layout)
        }
        return tree.source.replacing(node.range, by: list.bytes)
    }

    /// In the innermost object of the place that is there, with what is missing on the way to the list.
    private func appendingList(
        of members: [JSONLiteral.Member], at place: ListPlace, _ style: DocumentStyle
    ) -> [UInt8] {
        var cursor = JSONCursor(root: tree.root)
        var missing = place.keys[...]
        while let key = missing.first, let inner = cursor.member(key) {
            cursor = inner
            missing.removeFirst()
        }
        guard let key = missing.popFirst(), var object = ItemList(cursor.node, in: tree.source) else {
            return tree.source
        }
        let layout = style.layout(in: tree.source.indentation(at: cursor.node.range.lowerBound))
        let separator = object.nextSeparator(inline: style.comma)
        let indentation = object.items.isEmpty ? layout.itemIndentation : separator.lineIndentation
        object.append(
            style.key(key) + style.list(of: members, below: missing, in: indentation), separator: separator,
            layout: layout)
        return tree.source.replacing(cursor.node.range, by: object.bytes)
    }

    private func node(at place: ListPlace) -> JSONNode? {
        place.keys.reduce(JSONCursor(root: tree.root) as JSONCursor?) { $0?.member($1) }?.node
    }

    /// As many as the configuration has there, in the same order.
    private func elements(of place: ListPlace) -> [JSONNode] {
        if case .array(let elements)? = node(at: place)?.value { elements } else { [] }
    }
}

/// A list of the file to which elements are added and from which they are taken.
private enum ListPlace {
    case webhooks
    case tokens

    /// From the root.
    var keys: [String] {
        switch self {
        case .webhooks: ["webhooks"]
        case .tokens: ["control", "http", "tokens"]
        }
    }
}

extension [UInt8] {
    fileprivate func replacing(_ range: Range<Int>, by text: [UInt8]) -> [UInt8] {
        Array(self[..<range.lowerBound]) + text + Array(self[range.upperBound...])
    }
}

extension JSONTree {
    /// Parses, and throws the fault of the syntax with its line and column.
    init(checking source: [UInt8]) throws(InvalidConfiguration) {
        do {
            try self.init(parsing: source)
        } catch {
            var findings = Findings()
            findings.add(error)
            throw InvalidConfiguration(faults: findings.placed(in: source))
        }
    }
}
