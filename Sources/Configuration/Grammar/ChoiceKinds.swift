internal import Core

extension Kind where Value: RawRepresentable<String> & CaseIterable {
    /// One word of the type's own.
    static func choice() -> Kind {
        let words = Value.allCases.map(\.rawValue)
        let expectation = list(words)
        return Kind<String>.plain(
            expectation, schema: ["type": "string", "enum": .array(words.map { .string($0) })],
            literal: { .string($0) }, extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .converted(back: { $0.rawValue }) { (word) throws(Objection) in
            if let value = Value(rawValue: word) { return value }
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
