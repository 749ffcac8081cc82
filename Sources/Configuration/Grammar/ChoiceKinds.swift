internal import Core

extension Kind where Value: RawRepresentable<String> & CaseIterable {
    /// One word of the type's own; some further words are known and refused, because what they mean is not built yet.
    static func choice(unavailable: [String] = []) -> Kind {
        let words = Value.allCases.map(\.rawValue)
        let expectation = list(words)
        return Kind<String>.plain(
            expectation, schema: ["type": "string", "enum": .array(words.map { .string($0) })],
            literal: { .string($0) }, extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .converted(back: { $0.rawValue }) { (word) throws(Objection) in
            if let value = Value(rawValue: word) { return value }
            if unavailable.contains(word) {
                throw .unavailable("\"\(word)\"", advice: "remove the key, or give \(expectation)")
            }
            let hint = words.nearest(to: word).map { "; did you mean \"\($0)\"?" } ?? ""
            throw Objection("\(Quotation(word)) is not known here", "give \(expectation)\(hint)")
        }
    }

    private static func list(_ words: [String]) -> String {
        let quoted = words.map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension Objection {
    static func unavailable(_ what: String, advice: String) -> Objection {
        Objection("\(what) is not available in this version of plughook", advice)
    }
}
