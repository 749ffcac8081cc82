internal import Core

/// A query parameter that a route knows.
struct QueryParameter: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case number(ClosedRange<Int64>)
        case word([String])
        case text
        case moment
    }

    let name: String
    let kind: Kind

    static func number(_ name: String, from least: Int64 = 0) -> Self {
        Self(name: name, kind: .number(least...Int64.max))
    }

    static func word(_ name: String, _ words: [String]) -> Self { Self(name: name, kind: .word(words)) }
    static func text(_ name: String) -> Self { Self(name: name, kind: .text) }
    /// As RFC 3339 writes it.
    static func moment(_ name: String) -> Self { Self(name: name, kind: .moment) }
    static let limit = Self(name: "limit", kind: .number(1...1_000))
    static let defaultLimit = 100

    /// Nil when the value is not one of them; else why not.
    func fault(in value: String) -> String? {
        switch kind {
        case .number(let range):
            if let number = Int64(value), range.contains(number) { return nil }
            let bounds =
                range.upperBound == Int64.max
                ? "\(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
            return "\(name) must be a whole number, \(bounds)."
        case .word(let words):
            return words.contains(value) ? nil : "\(name) must be one of \(words.joined(separator: ", "))."
        case .text:
            return value.isEmpty ? "\(name) must not be empty; leave it out." : nil
        case .moment:
            return WallTime(rfc3339: value) == nil
                ? "\(name) must be a date and time with its offset, like 2027-01-01T00:00:00Z." : nil
        }
    }
}

/// The query of one request, with nothing in it that its route does not know.
struct Query: Hashable, Sendable {
    private let values: [String: String]

    init(_ pairs: [(name: String, value: String)], knowing known: [QueryParameter]) throws(Problem) {
        var values: [String: String] = [:]
        for pair in pairs {
            guard let parameter = known.first(where: { $0.name == pair.name }) else {
                let names = known.map(\.name).joined(separator: ", ")
                throw .badRequest(
                    "There is no query parameter \(pair.name) here"
                        + (known.isEmpty ? "; there is none at all." : "; there are \(names)."))
            }
            if let fault = parameter.fault(in: pair.value) { throw .badRequest(fault) }
            guard values.updateValue(pair.value, forKey: pair.name) == nil else {
                throw .badRequest("\(pair.name) is given twice; give it once.")
            }
        }
        self.values = values
    }

    func number(_ name: String) -> Int64? { values[name].flatMap { Int64($0) } }
    func text(_ name: String) -> String? { values[name] }
    func moment(_ name: String) -> WallTime? { values[name].flatMap { WallTime(rfc3339: $0) } }
    var limit: Int { number("limit").map(Int.init) ?? QueryParameter.defaultLimit }
}
