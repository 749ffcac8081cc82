import Core

extension Kind where Value == Int64 {
    /// A whole number in a range; the unit is for the messages only.
    static func integer(_ range: ClosedRange<Int64>, unit: String = "") -> Kind {
        let unitPhrase = unit.isEmpty ? "" : " of \(unit)"
        let expectation = "a whole number\(unitPhrase) from \(range.lowerBound) to \(range.upperBound)"
        return Kind(
            expectation: expectation,
            schema: [
                "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            ],
            literal: { .integer($0) },
            read: { cursor, findings in
                guard case .number(let number) = cursor.node.value else {
                    findings.addWrongType(at: cursor, expectation: expectation)
                    return nil
                }
                if let value = number.integer, range.contains(value) { return value }
                findings.add("is \(Quotation.escaped(number.text, limit: 30))", "give \(expectation)", at: cursor)
                return nil
            })
    }
}

extension Kind where Value == Int {
    static func count(_ range: ClosedRange<Int64>) -> Kind {
        Kind<Int64>.integer(range).converted(back: { Int64($0) }, by: { Int($0) })
    }
}

extension Kind where Value == Duration {
    static func milliseconds(_ range: ClosedRange<Int64>) -> Kind {
        Kind<Int64>.integer(range, unit: "milliseconds")
            .converted(back: { $0.wholeMilliseconds }, by: { .milliseconds($0) })
    }

    static func seconds(_ range: ClosedRange<Int64>) -> Kind {
        Kind<Int64>.integer(range, unit: "seconds").converted(back: { $0.components.seconds }, by: { .seconds($0) })
    }

    /// Zero, which stands for never, or a time in a range.
    static func secondsOrZero(_ range: ClosedRange<Int64>) -> Kind {
        let expectation = "0 or a whole number of seconds from \(range.lowerBound) to \(range.upperBound)"
        return Kind<Int64>.integer(0...range.upperBound, unit: "seconds")
            .checked(expectation, adding: ["anyOf": [["const": 0], ["minimum": .integer(range.lowerBound)]]]) {
                (value) throws(Objection) in
                if value != 0 && !range.contains(value) { throw Objection("is \(value)", "give \(expectation)") }
            }
            .converted(back: { $0.components.seconds }, by: { .seconds($0) })
    }
}

extension Kind where Value == Bool {
    static var boolean: Kind {
        .plain(
            "true or false", schema: ["type": "boolean"], literal: { .boolean($0) },
            extract: { if case .boolean(let value) = $0 { value } else { nil } })
    }
}
