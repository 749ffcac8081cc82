/// A kind of value that a key of the file can have: how it is read, checked and told to an editor, in one place.
struct Kind<Value: Sendable>: Sendable {
    /// What to give, as a noun phrase: "a whole number from 1 to 64".
    let expectation: String
    /// Its JSON Schema, without description and default.
    let schema: JSONLiteral
    /// How a default is written; nil for a value that stands for "not given".
    let literal: @Sendable (Value) -> JSONLiteral?
    /// Nil after a finding that leaves nothing to go on with.
    let read: @Sendable (JSONCursor, inout Findings) -> Value?
}

extension Kind {
    /// The kind whose values are those of one JSON type, taken over as they are.
    static func plain(
        _ expectation: String, schema: JSONLiteral, literal: @escaping @Sendable (Value) -> JSONLiteral?,
        extract: @escaping @Sendable (JSONValue) -> Value?
    ) -> Kind {
        Kind(expectation: expectation, schema: schema, literal: literal) { cursor, findings in
            if let value = extract(cursor.node.value) { return value }
            findings.addWrongType(at: cursor, expectation: expectation)
            return nil
        }
    }

    /// The same kind, with what the check objects to refused.
    func checked(
        _ expectation: String? = nil, adding members: JSONLiteral = [:],
        by check: @escaping @Sendable (Value) throws(Objection) -> Void
    ) -> Kind {
        converted(expectation, adding: members, back: { $0 }) { (value) throws(Objection) in
            try check(value)
            return value
        }
    }

    /// A kind that is written like this one and means another type.
    func converted<Meaning>(
        _ expectation: String? = nil, adding members: JSONLiteral = [:],
        back: @escaping @Sendable (Meaning) -> Value,
        by convert: @escaping @Sendable (Value) throws(Objection) -> Meaning
    ) -> Kind<Meaning> {
        Kind<Meaning>(
            expectation: expectation ?? self.expectation, schema: schema.merging(members),
            literal: { literal(back($0)) },
            read: { cursor, findings in
                guard let value = read(cursor, &findings) else { return nil }
                do throws(Objection) {
                    return try convert(value)
                } catch {
                    findings.add(error, at: cursor)
                    return nil
                }
            })
    }

    /// The same kind for a key that may be left out and then means nil.
    var orNone: Kind<Value?> {
        Kind<Value?>(
            expectation: expectation, schema: schema, literal: { $0.flatMap(literal) },
            read: { cursor, findings in read(cursor, &findings).map(Optional.some) })
    }
}

extension Kind {
    /// What a whole document means; throws every fault in it, placed in the source.
    func value(of root: JSONNode, duplicates: [Finding], in source: [UInt8]) throws(InvalidConfiguration) -> Value {
        var findings = Findings()
        for duplicate in duplicates { findings.add(duplicate) }
        if let value = read(JSONCursor(root: root), &findings), findings.isEmpty { return value }
        throw InvalidConfiguration(faults: findings.placed(in: source))
    }
}

extension Findings {
    mutating func addWrongType(at cursor: JSONCursor, expectation: String) {
        let advice =
            if case .null = cursor.node.value {
                "remove the key, or give \(expectation)"
            } else {
                "give \(expectation)"
            }
        add("is \(cursor.node.value.kindName)", advice, at: cursor)
    }
}
