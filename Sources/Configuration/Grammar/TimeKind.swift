import Core

extension Kind where Value == WallTime {
    /// A moment as RFC 3339 writes it, with its offset from UTC.
    static var moment: Kind {
        let expectation = "a date and time with its offset, like \"2027-01-01T00:00:00Z\""
        return Kind<String>.plain(
            expectation, schema: ["type": "string", "format": "date-time"], literal: { .string($0) },
            extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .converted(back: { $0.description }) { (text) throws(Objection) in
            if let time = WallTime(rfc3339: text) { return time }
            throw Objection("is \(Quotation(text))", "give \(expectation)")
        }
    }
}
