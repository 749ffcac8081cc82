/// The body of a callback in the format `kobiton`: nine keys in the spec's order, UTF-8 JSON without white space.
package enum KobitonBody {
    package static func bytes(of facts: CallbackFacts) -> [UInt8] { object(of: facts).finish() }

    /// Those nine, and a tenth, `plughook`: an object of all else that is known. All of its keys are there, in this order,
    /// with null for what is not known.
    package static func extendedBytes(of facts: CallbackFacts) -> [UInt8] {
        var labels = JSONObjectWriter()
        for (key, value) in facts.host.labels.sorted(by: { $0.key < $1.key }) { labels.add(key, value) }
        var more = JSONObjectWriter()
        more.add("hostId", facts.host.id)
        more.add("hostLabels", json: labels.finish())
        more.add("eventId", facts.event?.value)
        more.add("sequence", facts.sequence)
        more.add("previousStatus", facts.previous?.rawValue)
        more.add("reason", facts.reason?.rawValue)
        more.add("platform", facts.platform?.rawValue)
        more.add("portPath", facts.port?.description)
        more.add("hubPath", facts.port?.hub?.description)
        more.add("sessionOwners", facts.owners)
        var object = object(of: facts)
        object.add("plughook", json: more.finish())
        return object.finish()
    }

    private static func object(of facts: CallbackFacts) -> JSONObjectWriter {
        var object = JSONObjectWriter()
        object.add("creationTime", facts.creationTime.description)
        object.add("eventType", facts.eventType)
        object.add("eventActivity", facts.eventActivity)
        object.add("eventDescription", facts.eventDescription)
        object.add("deviceUdid", facts.deviceUDID)
        object.add("deviceName", facts.deviceName)
        object.add("orgId", facts.organisation)
        object.add("webhookId", facts.webhook.value)
        object.add("webhookName", facts.webhookName)
        return object
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
