/// A member of which no two elements of a list may have the same.
struct Distinct<Element>: Sendable {
    /// The key at which a repetition is told; nil for the element itself.
    let member: String?
    /// What is repeated, as a noun: "name".
    let noun: String
    /// What is compared, byte for byte; nil is never a repetition.
    let identity: @Sendable (Element) -> [UInt8]?
}

extension Kind {
    static func list<Element>(
        of element: Kind<Element>, count: ClosedRange<Int>? = nil, distinct: [Distinct<Element>] = []
    ) -> Kind where Value == [Element] {
        let expectation = count.map { "a list of \($0.lowerBound) to \($0.upperBound), each" } ?? "a list, each"
        var schema: JSONLiteral = ["type": "array", "items": element.schema]
        if let count {
            schema = schema.merging([
                "minItems": .integer(Int64(count.lowerBound)), "maxItems": .integer(Int64(count.upperBound)),
            ])
        }
        if distinct.contains(where: { $0.member == nil }) { schema = schema.merging(["uniqueItems": true]) }
        return Kind(
            expectation: "\(expectation) \(element.expectation)", schema: schema,
            literal: { .array($0.compactMap(element.literal)) },
            read: { cursor, findings in
                guard case .array(let nodes) = cursor.node.value else {
                    findings.addWrongType(at: cursor, expectation: "\(expectation) \(element.expectation)")
                    return nil
                }
                if let count, !count.contains(nodes.count) {
                    findings.add(
                        nodes.isEmpty ? "is empty" : "has \(nodes.count) elements",
                        "give \(count.lowerBound) to \(count.upperBound)", at: cursor)
                }
                var elements: [Element] = []
                var firsts: [[[UInt8]: JSONPointer]] = Array(repeating: [:], count: distinct.count)
                for (index, node) in nodes.enumerated() {
                    let place = cursor.entering(node, at: index)
                    guard let value = element.read(place, &findings) else { continue }
                    elements.append(value)
                    for (rule, distinct) in distinct.enumerated() {
                        guard let identity = distinct.identity(value) else { continue }
                        guard let first = firsts[rule][identity] else {
                            firsts[rule][identity] = place.pointer
                            continue
                        }
                        findings.add(
                            "is the same \(distinct.noun) as in \(first)", "keep one, or give each its own",
                            at: distinct.member.flatMap(place.member) ?? place)
                    }
                }
                return elements
            })
    }
}

extension Kind where Value == [String: String] {
    /// An object whose keys are the user's own.
    static func map(keys: ClosedRange<Int>, to value: Kind<String>) -> Kind {
        let expectation =
            "an object of names of \(keys.lowerBound) to \(keys.upperBound) characters, each with \(value.expectation)"
        let name = Kind<String>.text(keys)
        return Kind(
            expectation: expectation,
            schema: ["type": "object", "propertyNames": name.schema, "additionalProperties": value.schema],
            literal: { map in
                .object(map.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) })
            },
            read: { cursor, findings in
                guard case .object(let members) = cursor.node.value else {
                    findings.addWrongType(at: cursor, expectation: expectation)
                    return nil
                }
                var map: [String: String] = [:]
                for member in members {
                    _ = name.read(cursor.enteringKey(of: member), &findings)
                    map[member.key] = value.read(cursor.entering(member), &findings)
                }
                return map
            })
    }
}
