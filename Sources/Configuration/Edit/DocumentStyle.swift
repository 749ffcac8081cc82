internal import Core

/// How a file is written, as its first lines show it: what new text in it is to look like.
///
/// A file with nothing in it is given line breaks and an indentation of two spaces.
struct DocumentStyle {
    private let newline: [UInt8]
    private let unit: [UInt8]
    private let isMultiline: Bool
    let colon: [UInt8]
    let comma: [UInt8]

    init(of tree: JSONTree) {
        let source = tree.source
        let outer = source.indentation(at: tree.root.range.lowerBound)
        let members: [JSONMember] = if case .object(let members) = tree.root.value { members } else { [] }
        newline = source.firstNewline
        guard let first = members.first else {
            isMultiline = true
            unit = Array("  ".utf8)
            colon = Array(": ".utf8)
            comma = Array(", ".utf8)
            return
        }
        isMultiline = source[tree.root.range.lowerBound..<first.keyRange.lowerBound].contains(UInt8(ascii: "\n"))
        let inner = source.indentation(at: first.keyRange.lowerBound)
        unit = inner.starts(with: outer) ? Array(inner.dropFirst(outer.count)) : inner
        colon = Array(source[first.keyRange.upperBound..<first.node.range.lowerBound])
        comma = Layout.comma(besides: colon)
    }

    /// For the items of a list or object whose line has this indentation; nil is for one that stays on its line.
    func layout(in indentation: [UInt8]?) -> Layout {
        guard isMultiline, let indentation else { return Layout(colon: colon, comma: comma) }
        return Layout(lead: newline + indentation + unit, tail: newline + indentation, colon: colon, comma: comma)
    }

    func key(_ text: String) -> [UInt8] { Array(JSONObjectWriter.quoted(text).utf8) + colon }

    /// A list with one object, within objects with one of the keys each.
    func list(
        of members: [JSONLiteral.Member], below keys: ArraySlice<String>, in indentation: [UInt8]?
    ) -> [UInt8] {
        let layout = layout(in: indentation)
        var list = keys.isEmpty ? ItemList.emptyList : ItemList.emptyObject
        let item =
            if let first = keys.first {
                key(first) + self.list(of: members, below: keys.dropFirst(), in: layout.itemIndentation)
            } else {
                self.layout(in: layout.itemIndentation).object(members)
            }
        list.append(item, separator: [], layout: layout)
        return list.bytes
    }
}

extension [UInt8] {
    /// What the line of this place starts with, as far as it is spaces and tabs before the place.
    func indentation(at place: Int) -> [UInt8] {
        let before = self[..<place]
        var start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        if start == 0, before.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        return Array(self[start..<place].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }

    fileprivate var firstNewline: [UInt8] {
        guard let first = firstIndex(of: UInt8(ascii: "\n")), first > 0, self[first - 1] == UInt8(ascii: "\r") else {
            return [UInt8(ascii: "\n")]
        }
        return [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }
}
