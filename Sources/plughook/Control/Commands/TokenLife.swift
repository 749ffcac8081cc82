internal import ArgumentParser
internal import FoundationEssentials

/// How long a token is good.
struct TokenLife: ParsableArguments {
    @Option(help: ArgumentHelp("Good until then: 2027-01-01T00:00:00Z.", valueName: "time"))
    var expires: InternetTime?

    @Option(name: .customLong("for"), help: ArgumentHelp("Good for so long: 12h, 90d, 4w.", valueName: "span"))
    var span: Span?

    func validate() throws {
        guard expires == nil || span == nil else { throw ValidationError("give --expires or --for, not both") }
        if let expires, expires.date <= Date() {
            throw ValidationError("--expires is past: it would be good for nothing")
        }
    }

    /// Nil is for ever.
    func end(from now: Date) -> Date? { expires?.date ?? span.map { now.addingTimeInterval(Double($0.seconds)) } }
}

/// A moment as RFC 3339 has it.
struct InternetTime: ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        guard let date = Date(internetTime: argument) else { return nil }
        self.date = date
    }
}

extension Date {
    /// RFC 3339, with or without fractions of a second, in any offset.
    init?(internetTime text: String) {
        let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon)
        guard
            let date = (try? Date(text, strategy: style))
                ?? (try? Date(
                    text, strategy: Date.ISO8601FormatStyle(timeZoneSeparator: .colon, includingFractionalSeconds: true)
                ))
        else { return nil }
        self = date
    }

    /// RFC 3339 in UTC, in whole seconds.
    var internetTime: String { formatted(Date.ISO8601FormatStyle()) }
}
