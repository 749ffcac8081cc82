/// The text of a list or an object in pieces: what is taken out, changed or added leaves the others' bytes alone.
struct ItemList {
    struct Item {
        /// The comma before it with the white space around; empty for the first.
        var separator: [UInt8]
        /// An element, or a member from its key to the end of its value.
        var text: [UInt8]
    }

    private(set) var items: [Item] = []
    /// The white space behind the opening bracket.
    private(set) var lead: [UInt8] = []
    /// The white space before the closing bracket.
    private(set) var tail: [UInt8] = []
    private let open: UInt8
    private let close: UInt8

    static var emptyList: ItemList { ItemList(open: UInt8(ascii: "["), close: UInt8(ascii: "]")) }
    static var emptyObject: ItemList { ItemList(open: UInt8(ascii: "{"), close: UInt8(ascii: "}")) }

    private init(open: UInt8, close: UInt8) {
        self.open = open
        self.close = close
    }

    /// Nil for what is neither a list nor an object.
    init?(_ node: JSONNode, in source: [UInt8]) {
        let ranges: [Range<Int>]
        switch node.value {
        case .array(let elements):
            self = .emptyList
            ranges = elements.map(\.range)
        case .object(let members):
            self = .emptyObject
            ranges = members.map(\.range)
        case .null, .boolean, .number, .string: return nil
        }
        var end = node.range.lowerBound + 1
        for range in ranges {
            let before = Array(source[end..<range.lowerBound])
            if items.isEmpty { lead = before }
            items.append(Item(separator: items.isEmpty ? [] : before, text: Array(source[range])))
            end = range.upperBound
        }
        if !items.isEmpty { tail = Array(source[end..<node.range.upperBound - 1]) }
    }

    var bytes: [UInt8] { [open] + lead + items.flatMap { $0.separator + $0.text } + tail + [close] }

    /// What to put before one more: what is before the last, or what is before the only one with a comma.
    func nextSeparator(inline comma: [UInt8]) -> [UInt8] {
        if items.count > 1, let last = items.last { return last.separator }
        return lead.lastLineBreak.map { [UInt8(ascii: ",")] + $0 } ?? comma
    }

    /// Adds at the end; the lead and the tail of the layout are used when this is the first.
    mutating func append(_ text: [UInt8], separator: [UInt8], layout: Layout) {
        if items.isEmpty {
            lead = layout.lead
            tail = layout.tail
        }
        items.append(Item(separator: items.isEmpty ? [] : separator, text: text))
    }

    mutating func replace(at index: Int, by text: [UInt8]) { items[index].text = text }

    /// Takes one out with the comma and the white space before it; the first with those behind it.
    mutating func remove(at index: Int) {
        items.remove(at: index)
        if items.isEmpty {
            lead = []
            tail = []
        } else if index == 0 {
            items[0].separator = []
        }
    }
}

extension JSONMember {
    /// From the key to the end of the value.
    var range: Range<Int> { keyRange.lowerBound..<node.range.upperBound }
}

extension [UInt8] {
    /// In white space, the last line break and the indentation behind it; nil on one line.
    var lastLineBreak: [UInt8]? {
        guard let newline = lastIndex(of: UInt8(ascii: "\n")) else { return nil }
        let hasReturn = newline > 0 && self[newline - 1] == UInt8(ascii: "\r")
        return Array(self[(hasReturn ? newline - 1 : newline)...])
    }

    /// In white space, what the line behind its last line break starts with; nil on one line.
    var lineIndentation: [UInt8]? {
        lastLineBreak.map { $0.filter { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
    }
}
