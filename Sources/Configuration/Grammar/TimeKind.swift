import Core
import Glibc

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

extension WallTime {
    /// Nil for what is not RFC 3339 or no moment, like the 30th of February; what is finer than a millisecond is cut off.
    init?(rfc3339 text: String) {
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)/
                    .asciiOnlyDigits()),
            let offset = Self.offset(match.8)
        else { return nil }
        let fields = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int32($0) }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (fields[0] - 1900, fields[1] - 1, fields[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (fields[3], fields[4], fields[5])
        let seconds = timegm(&parts)
        // What is no date or time of day has been made another one.
        guard
            [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec] == fields
        else { return nil }
        let fraction = Int64((match.7.map(String.init) ?? "").padded(to: 3)) ?? 0
        self.init(milliseconds: Int64(seconds - offset) * 1000 + fraction)
    }

    /// In seconds, east of UTC; nil when no clock shows it.
    private static func offset(_ text: Substring) -> Int? {
        let numbers = text.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard numbers.count == 2 else { return 0 }
        guard numbers[0] < 24, numbers[1] < 60 else { return nil }
        return (text.hasPrefix("-") ? -1 : 1) * (numbers[0] * 3600 + numbers[1] * 60)
    }
}

extension String {
    /// Its first so many characters, zeros where there are none.
    fileprivate func padded(to count: Int) -> String {
        String(prefix(count)) + String(repeating: "0", count: Swift.max(0, count - self.count))
    }
}
