import Core

extension Kind where Value == [OwnHeader] {
    /// Headers beside those that every callback has.
    static var ownHeaders: Kind {
        let expectation = "an object of at most \(most) names of headers, each with its value"
        let value = Kind<String>.text(1...1024)
        return Kind(
            expectation: expectation,
            schema: [
                "type": "object", "maxProperties": .integer(Int64(most)), "additionalProperties": value.schema,
                "propertyNames": ["pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$"],
            ],
            literal: { headers in .object(headers.map { .init(key: $0.name, value: .string($0.value)) }) },
            read: { cursor, findings in
                guard case .object(let members) = cursor.node.value else {
                    findings.addWrongType(at: cursor, expectation: expectation)
                    return nil
                }
                if members.count > most {
                    findings.add("has \(members.count) headers", "give \(most) at most", at: cursor)
                }
                var headers: [OwnHeader] = []
                for member in members {
                    let place = cursor.entering(member)
                    if let objection = objection(to: member.key, beside: headers) {
                        findings.add(objection.problem, objection.advice, atKeyOf: place)
                    }
                    guard let text = value.read(place, &findings) else { continue }
                    guard text.unicodeScalars.allSatisfy(\.isASCII), text.first != " ", text.last != " " else {
                        findings.add(
                            "has characters that a header's value cannot have", "give visible ASCII, and spaces within",
                            at: place)
                        continue
                    }
                    headers.append(OwnHeader(name: member.key, value: text))
                }
                return headers
            })
    }

    private static var most: Int { 32 }

    private static func objection(to name: String, beside others: [OwnHeader]) -> Objection? {
        let lower = name.lowercased()
        // RFC 9110, 5.6.2: token.
        if name.wholeMatch(of: /[!#$%&'*+.^_`|~0-9A-Za-z\-]{1,128}/) == nil {
            return Objection("\(Quotation(name)) is no name of a header", "give letters, digits and dashes")
        }
        if lower == "authorization" {
            return Objection("\"\(name)\" is made of \"auth\"", "give that, so that its secret stands somewhere else")
        }
        if reserved.contains(lower) || reservedPrefixes.contains(where: lower.hasPrefix) {
            return Objection("\"\(name)\" is the agent's own", "give another name")
        }
        if others.contains(where: { $0.name.lowercased() == lower }) {
            return Objection("\"\(name)\" is there already, in other letters", "remove one of both")
        }
        return nil
    }

    /// What the agent, or the connection, says itself.
    private static var reserved: Set<String> {
        [
            "accept", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
            "keep-alive",
            "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
        ]
    }

    private static var reservedPrefixes: [String] { ["webhook-", "plughook-", "ce-"] }
}
