internal import Core

/// A JSON value to be written, its keys in the order in which they were given.
package indirect enum JSONLiteral: Hashable, Sendable {
    case boolean(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONLiteral])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONLiteral
    }

    /// This object with the members of another behind its own.
    func merging(_ other: JSONLiteral) -> JSONLiteral {
        guard case .object(let mine) = self, case .object(let others) = other else { return self }
        let kept = mine.filter { member in !others.contains { $0.key == member.key } }
        return .object(kept + others)
    }

    /// Indented by two spaces; lists of scalars stay on one line.
    package var prettyText: String { text(indent: "\n") }

    private func text(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .string(let value): return JSONObjectWriter.quoted(value)
        case .array(let values):
            return "[" + values.map { $0.text(indent: inner) }.joined(separator: ", ") + "]"
        case .object(let members) where members.isEmpty: return "{}"
        case .object(let members):
            let lines = members.map { inner + JSONObjectWriter.quoted($0.key) + ": " + $0.value.text(indent: inner) }
            return "{" + lines.joined(separator: ",") + indent + "}"
        }
    }
}

extension JSONLiteral: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: JSONLiteral...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONLiteral)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
