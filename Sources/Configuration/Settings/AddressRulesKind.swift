import Core

extension Kind where Value == AddressRules {
    /// Where callbacks may go to.
    static var addresses: Kind {
        .object(
            AddressRules(),
            [
                Field(
                    "allow", \.allow, .addressRanges,
                    "Addresses that receivers may have, though they are refused by default; like 169.254.7.0/24."),
                Field("deny", \.deny, .addressRanges, "Addresses to which nothing is sent; like 10.0.0.0/8 or ::/0."),
                Field(
                    "publicOnly", \.publicOnly, .boolean,
                    "True refuses all that is not on the public Internet and not in \"allow\"."),
            ])
    }
}

extension Kind where Value == [AddressRange] {
    fileprivate static var addressRanges: Kind {
        .list(
            of: .addressRange, count: 0...100,
            distinct: [Distinct(member: nil, noun: "range") { Array($0.description.utf8) }])
    }
}

extension Kind where Value == AddressRange {
    /// `10.0.0.0/8`, `fd00::/8`, or one address.
    fileprivate static var addressRange: Kind {
        let expectation = "an address or a range of them, like \"10.1.2.3\", \"10.0.0.0/8\" or \"fd00::/8\""
        return Kind<String>.text(1...64, expectation)
            .converted(back: { $0.description }) { (text) throws(Objection) in
                if let range = AddressRange(text) { return range }
                // Its beginning is one, so that something can be said of what is behind it.
                let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                guard let address = IPAddress(String(parts[0])), parts.count == 2 else {
                    throw Objection("is \(Quotation(text))", "give \(expectation)")
                }
                let longest = address.isV4 ? 32 : 128
                guard let length = Int(parts[1]), (0...longest).contains(length) else {
                    throw Objection("has no such length", "give 0 to \(longest) behind the slash")
                }
                throw Objection(
                    "has bits behind its first \(length)", "give \"\(AddressRange(of: address, length: length))\"")
            }
    }
}
