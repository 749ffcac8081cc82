/// What is to become of one member of an object.
package struct MemberChange: Hashable, Sendable {
    package let key: String
    /// Nil takes the member out.
    package let value: JSONLiteral?

    package static func set(_ key: String, _ value: JSONLiteral) -> MemberChange {
        MemberChange(key: key, value: value)
    }

    package static func removed(_ key: String) -> MemberChange { MemberChange(key: key, value: nil) }
}

extension JSONLiteral.Member {
    package init(_ key: String, _ value: JSONLiteral) { self.init(key: key, value: value) }
}

extension JSONLiteral {
    /// The same value, to be written; nil for null, a fraction or a number that does not fit, also deep inside.
    init?(_ value: JSONValue) {
        switch value {
        case .null: return nil
        case .boolean(let value): self = .boolean(value)
        case .string(let text): self = .string(text)
        case .number(let number):
            guard let integer = number.integer else { return nil }
            self = .integer(integer)
        case .array(let elements):
            let literals = elements.compactMap { JSONLiteral($0.value) }
            guard literals.count == elements.count else { return nil }
            self = .array(literals)
        case .object(let members):
            let literals = members.compactMap { member in
                JSONLiteral(member.node.value).map { Member(member.key, $0) }
            }
            guard literals.count == members.count else { return nil }
            self = .object(literals)
        }
    }
}

extension JSONValue {
    /// The same value as if it had been read, all of it at one place.
    init(_ literal: JSONLiteral, at place: Range<Int>) {
        switch literal {
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .number(JSONNumber(text: String(value)))
        case .string(let text): self = .string(text)
        case .array(let values): self = .array(values.map { JSONNode(range: place, value: JSONValue($0, at: place)) })
        case .object(let members): self = .object(members.map { JSONMember($0, at: place) })
        }
    }
}

extension JSONMember {
    init(_ member: JSONLiteral.Member, at place: Range<Int>) {
        self.init(
            key: member.key, keyRange: place,
            node: JSONNode(range: place, value: JSONValue(member.value, at: place)))
    }
}
