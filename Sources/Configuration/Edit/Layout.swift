internal import Core

/// How the items of one list or object are set: the white space between them, commas and colons included.
struct Layout {
    var lead: [UInt8] = []
    var separator: [UInt8]
    var tail: [UInt8] = []
    let colon: [UInt8]
    /// Between the elements of a list that stands on one line.
    let comma: [UInt8]

    /// On one line.
    init(colon: [UInt8], comma: [UInt8]) {
        self.colon = colon
        self.comma = comma
        separator = comma
    }

    /// Each item on a line of its own.
    init(lead: [UInt8], tail: [UInt8], colon: [UInt8], comma: [UInt8]) {
        self.lead = lead
        self.tail = tail
        self.colon = colon
        self.comma = comma
        separator = [UInt8(ascii: ",")] + lead
    }

    /// As an object that is there already; nil for one without members.
    init?(like node: JSONNode, in source: [UInt8]) {
        guard case .object(let members) = node.value, let first = members.first,
            let list = ItemList(node, in: source)
        else { return nil }
        lead = list.lead
        tail = list.tail
        colon = Array(source[first.keyRange.upperBound..<first.node.range.lowerBound])
        comma = Self.comma(besides: colon)
        if let lineBreak = lead.lastLineBreak {
            separator = [UInt8(ascii: ",")] + lineBreak
        } else {
            separator = list.items.count > 1 ? list.items[1].separator : comma
        }
    }

    /// Whoever leaves no space behind a colon leaves none behind a comma.
    static func comma(besides colon: [UInt8]) -> [UInt8] {
        Array(colon.last == UInt8(ascii: ":") ? ",".utf8 : ", ".utf8)
    }

    /// What the line of each item starts with; nil when they stand on one line.
    var itemIndentation: [UInt8]? { lead.lineIndentation }

    func object(_ members: [JSONLiteral.Member]) -> [UInt8] {
        var list = ItemList.emptyObject
        for member in members { list.append(text(of: member), separator: separator, layout: self) }
        return list.bytes
    }

    func text(of member: JSONLiteral.Member) -> [UInt8] {
        Array(JSONObjectWriter.quoted(member.key).utf8) + colon + text(of: member.value)
    }

    /// On one line.
    func text(of literal: JSONLiteral) -> [UInt8] {
        switch literal {
        case .boolean, .integer, .string: return Array(literal.prettyText.utf8)
        case .array(let values):
            return [UInt8(ascii: "[")] + values.map { text(of: $0) }.joined(separator: comma) + [UInt8(ascii: "]")]
        case .object(let members):
            return [UInt8(ascii: "{")] + members.map { text(of: $0) }.joined(separator: comma) + [UInt8(ascii: "}")]
        }
    }
}
