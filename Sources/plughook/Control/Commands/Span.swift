internal import ArgumentParser

/// A whole number of seconds, minutes, hours, days or weeks, from one on.
struct Span: ExpressibleByArgument {
    /// As it was given.
    let text: String
    let seconds: Int

    init?(argument: String) {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        // Five digits of weeks are two thousand years.
        guard let unit = argument.last.flatMap({ units[String($0)] }), argument.count <= 6,
            argument.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(argument.dropLast()),
            count > 0
        else { return nil }
        text = argument
        seconds = count * unit
    }
}
