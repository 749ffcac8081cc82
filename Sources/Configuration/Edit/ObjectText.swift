/// One object of a file whose members are being changed.
struct ObjectText {
    private struct Member {
        let key: String
        /// Where the value starts in the member's text.
        let valueOffset: Int
        /// Nil for what no edit writes, like a fraction.
        var value: JSONLiteral?
        /// Nil for one that was not there before.
        let node: JSONNode?
    }

    private var list: ItemList
    /// As many as the list has items.
    private var members: [Member]
    private let layout: Layout
    private let source: [UInt8]

    /// Nil for what is no object, or one without members.
    init?(_ node: JSONNode, in source: [UInt8]) {
        guard case .object(let members) = node.value, let list = ItemList(node, in: source),
            let layout = Layout(like: node, in: source)
        else { return nil }
        self.list = list
        self.layout = layout
        self.source = source
        self.members = members.map {
            Member(
                key: $0.key, valueOffset: $0.node.range.lowerBound - $0.range.lowerBound,
                value: JSONLiteral($0.node.value), node: $0.node)
        }
    }

    var bytes: [UInt8] { list.bytes }

    mutating func apply(_ change: MemberChange) {
        let index = members.firstIndex { $0.key == change.key }
        switch (index, change.value) {
        case (nil, nil): break
        case (nil, let value?):
            let text = layout.text(of: JSONLiteral.Member(change.key, value))
            list.append(text, separator: list.nextSeparator(inline: layout.comma), layout: layout)
            let valueOffset = text.count - layout.text(of: value).count
            members.append(Member(key: change.key, valueOffset: valueOffset, value: value, node: nil))
        case (let index?, nil):
            list.remove(at: index)
            members.remove(at: index)
        case (let index?, let value?):
            let member = members[index]
            if member.value == value { break }
            let key = list.items[index].text[..<member.valueOffset]
            list.replace(at: index, by: key + text(of: value, inPlaceOf: member.node))
            members[index].value = value
        }
    }

    /// A list that has a line for each element keeps them.
    private func text(of value: JSONLiteral, inPlaceOf node: JSONNode?) -> [UInt8] {
        guard case .array(let values) = value, let node, case .array = node.value,
            let old = ItemList(node, in: source), let lineBreak = old.lead.lastLineBreak
        else { return layout.text(of: value) }
        let lines = Layout(lead: lineBreak, tail: old.tail, colon: layout.colon, comma: layout.comma)
        var list = ItemList.emptyList
        for value in values { list.append(layout.text(of: value), separator: lines.separator, layout: lines) }
        return list.bytes
    }
}
