extension WallTime: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds, `2023-01-06T04:52:36.963Z`.
    package var description: String {
        let day: Int64 = 86_400_000
        let ofDay = milliseconds.quotientAndRemainder(dividingBy: day)
        let (days, rest) = ofDay.remainder < 0 ? (ofDay.quotient - 1, ofDay.remainder + day) : ofDay
        let date = Self.date(daysSince1970: days)
        // Digit by digit into one buffer: each callback that is made waits for it.
        var text: [UInt8] = []
        text.reserveCapacity(24)
        let numbers: [(Int64, Int, Unicode.Scalar)] = [
            (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (rest / 3_600_000, 2, ":"),
            (rest / 60_000 % 60, 2, ":"), (rest / 1000 % 60, 2, "."), (rest % 1000, 3, "Z"),
        ]
        for (number, width, separator) in numbers {
            Self.append(number.magnitude, width, to: &text)
            text.append(UInt8(ascii: separator))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// With any offset from UTC. Nil for what is not RFC 3339 or no moment, like the 30th of February; what is finer than
    /// a millisecond is cut off.
    package init?(rfc3339 text: String) {
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?([Zz]|[+-]\d\d:\d\d)/
                    .asciiOnlyDigits()),
            let offset = Self.minutes(match.8)
        else { return nil }
        let (year, month, day) = (Int64(match.1) ?? 0, Int64(match.2) ?? 0, Int64(match.3) ?? 0)
        let time = [match.4, match.5, match.6].compactMap { Int64($0) }
        let days = Self.daysSince1970(year, month, day)
        // What is no date has been made another one.
        guard Self.date(daysSince1970: days) == (year, month, day), time[0] < 24, time[1] < 60, time[2] < 60
        else { return nil }
        let thousandths = ((match.7 ?? "") + "000").prefix(3)
        let minutes = days * 1_440 + time[0] * 60 + time[1] - offset
        self.init(milliseconds: (minutes * 60 + time[2]) * 1000 + (Int64(thousandths) ?? 0))
    }

    /// Of an offset, east of UTC; nil when no clock shows it.
    private static func minutes(_ offset: Substring) -> Int64? {
        let numbers = offset.dropFirst().split(separator: ":").compactMap { Int64($0) }
        guard numbers.count == 2 else { return 0 }
        guard numbers[0] < 24, numbers[1] < 60 else { return nil }
        return (offset.hasPrefix("-") ? -1 : 1) * (numbers[0] * 60 + numbers[1])
    }

    /// The proleptic Gregorian date. Counts in eras of 400 years (146,097 days) that begin on 1 March, so that the leap
    /// day is the last of its year.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The way back, from a year that is not negative.
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (shiftedYear, shiftedMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * shiftedMonth + 2) / 5 + day - 1
        return era * 146_097 + dayOfEra - 719_468
    }

    /// With zeros before it up to that width; more digits than that are all written.
    private static func append(_ number: UInt64, _ width: Int, to text: inout [UInt8]) {
        if width > 1 || number > 9 { append(number / 10, width - 1, to: &text) }
        text.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
