/// A JSON document that still knows where each value and key stands in its bytes.
///
/// It serves the faults' lines and columns, and edits of the file that leave everything else as it was.
package struct JSONTree: Sendable {
    /// The document as it was given, a byte order mark included.
    package let source: [UInt8]
    package let root: JSONNode
    /// Keys that stand a second time in their object, in order; at most `JSONParser.duplicateLimit` of them.
    package let duplicates: [Finding]

    /// Parses strictly by RFC 8259; throws the first fault of the syntax.
    ///
    /// A byte order mark at the start is tolerated. Duplicate keys do not end the parsing: they are in `duplicates`, and
    /// whoever uses the tree must refuse it when there are any.
    package init(parsing source: [UInt8]) throws(Finding) {
        var parser = JSONParser(source)
        root = try parser.parseDocument()
        duplicates = parser.duplicates
        self.source = source
    }
}

/// A value and the bytes that it takes, without the white space around it.
package struct JSONNode: Sendable {
    package let range: Range<Int>
    package let value: JSONValue
}

package indirect enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])

    /// As a person calls it, with the article.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .boolean(true): "true"
        case .boolean(false): "false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A key and its value; an object keeps them in the order of the file, duplicates included.
package struct JSONMember: Sendable {
    /// Without escapes.
    package let key: String
    /// The key's bytes with its quotes.
    package let keyRange: Range<Int>
    package let node: JSONNode
}
