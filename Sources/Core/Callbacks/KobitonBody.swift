/// The body of a callback in the format `kobiton`: nine keys in the spec's order, UTF-8 JSON without white space.
package enum KobitonBody {
    package static func bytes(
        for event: StatusEvent, at time: WallTime, organisation: Int64, webhook: Webhook
    ) -> [UInt8] {
        var object = JSONObjectWriter()
        object.add("creationTime", time.description)
        object.add("eventType", "DEVICE")
        object.add("eventActivity", event.status.eventActivity)
        object.add("eventDescription", event.status.eventDescription)
        object.add("deviceUdid", event.device.description)
        object.add("deviceName", event.name)
        object.add("orgId", organisation)
        object.add("webhookId", webhook.id.value)
        object.add("webhookName", webhook.name)
        return object.finish()
    }

    /// The body of a test callback: the nine keys, and in each that could be mistaken the word that it is a test.
    package static func testBytes(at time: WallTime, organisation: Int64, webhook: Webhook) -> [UInt8] {
        var object = JSONObjectWriter()
        object.add("creationTime", time.description)
        object.add("eventType", "TEST")
        object.add("eventActivity", "plughook.test")
        object.add("eventDescription", "Test")
        object.add("deviceUdid", "plughook-test")
        object.add("deviceName", "Test by plughook")
        object.add("orgId", organisation)
        object.add("webhookId", webhook.id.value)
        object.add("webhookName", webhook.name)
        return object.finish()
    }
}

extension WallTime: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds, `2023-01-06T04:52:36.963Z`.
    package var description: String {
        let day: Int64 = 86_400_000
        let ofDay = milliseconds.quotientAndRemainder(dividingBy: day)
        let (days, rest) = ofDay.remainder < 0 ? (ofDay.quotient - 1, ofDay.remainder + day) : ofDay
        let date = Self.date(daysSince1970: days)
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { Self.padded($0, 2) }
        return "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))T"
            + time.joined(separator: ":") + ".\(Self.padded(rest % 1000, 3))Z"
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

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
