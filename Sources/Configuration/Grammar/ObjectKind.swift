internal import Core

extension Kind {
    /// An object with these keys and no others.
    ///
    /// What a key is not given for stays as it is in `initial`: defaults are written once, in the value's own type.
    /// An object with faults in it is still returned, so that what its neighbours contradict is told in the same run.
    static func object(
        _ initial: Value, _ fields: [Field<Value>],
        settle: @escaping @Sendable (inout Value, JSONCursor, inout Findings) -> Void = { _, _, _ in }
    ) -> Kind {
        var schema: JSONLiteral = [
            "type": "object",
            "properties": .object(fields.map { .init(key: $0.key, value: $0.schema(initial)) }),
        ]
        let required = fields.filter(\.isRequired)
        if !required.isEmpty { schema = schema.merging(["required": .array(required.map { .string($0.key) })]) }
        return Kind(
            expectation: "an object in braces", schema: schema.merging(["additionalProperties": false]),
            literal: { value in
                .object(fields.compactMap { field in field.literal(value).map { .init(key: field.key, value: $0) } })
            },
            read: { cursor, findings in
                guard case .object(let members) = cursor.node.value else {
                    findings.addWrongType(at: cursor, expectation: "an object in braces")
                    return nil
                }
                var value = initial
                for field in required where !members.contains(where: { $0.key == field.key }) {
                    findings.add("the key \"\(field.key)\" is missing", "add it with \(field.expectation)", at: cursor)
                }
                for member in members {
                    let place = cursor.entering(member)
                    if let field = fields.first(where: { $0.key == member.key }) {
                        field.read(place, &value, &findings)
                    } else {
                        let known = fields.map(\.key)
                        let hint = known.nearest(to: member.key).map { "did you mean \"\($0)\"?" } ?? "remove it:"
                        findings.add(
                            "the key \(Quotation(member.key)) is not known here",
                            "\(hint) known here are \(known.joined(separator: ", "))", atKeyOf: place)
                    }
                }
                settle(&value, cursor, &findings)
                return value
            })
    }
}

/// One key of an object of the file.
struct Field<Root: Sendable>: Sendable {
    let key: String
    let isRequired: Bool
    let expectation: String
    /// With description and, unless the key is required, the default that the root as it starts out has.
    let schema: @Sendable (_ initial: Root) -> JSONLiteral
    /// Nil when there is nothing to write.
    let literal: @Sendable (Root) -> JSONLiteral?
    let read: @Sendable (JSONCursor, inout Root, inout Findings) -> Void
}

extension Field {
    /// A key whose value goes to a property.
    init<Value>(
        _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ kind: Kind<Value>,
        isRequired: Bool = false, _ description: String
    ) {
        self.key = key
        self.isRequired = isRequired
        expectation = kind.expectation
        schema = { initial in
            let described = kind.schema.merging(["description": .string(description)])
            guard !isRequired, let literal = kind.literal(initial[keyPath: path]) else { return described }
            // What an object starts out with stands with its keys.
            if case .object = literal { return described.merging(["default": [:]]) }
            return described.merging(["default": literal])
        }
        literal = { kind.literal($0[keyPath: path]) }
        read = { cursor, root, findings in
            if let value = kind.read(cursor, &findings) { root[keyPath: path] = value }
        }
    }
}
