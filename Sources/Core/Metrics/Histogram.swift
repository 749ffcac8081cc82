/// How often a duration fell into which range, since the start: a histogram as Prometheus has it.
package struct Histogram: Hashable, Sendable {
    /// The upper bounds of the buckets, each included; what is above the last one counts in `count` only.
    package let bounds: [Duration]
    /// Of each bucket alone.
    package private(set) var counts: [Int]
    package private(set) var count = 0
    package private(set) var sum = Duration.zero

    package init(bounds: [Duration]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count)
    }

    /// From half a millisecond to ten seconds: a commit, an attempt.
    package static var ofWork: Histogram {
        Histogram(
            bounds: [
                .microseconds(500), .milliseconds(1), .microseconds(2500), .milliseconds(5), .milliseconds(10),
                .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500),
                .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
            ])
    }

    /// From a millisecond to a day: how long a receiver had to wait for what it was to be told.
    package static var ofDelay: Histogram {
        Histogram(
            bounds: [
                .milliseconds(1), .milliseconds(2), .milliseconds(5), .milliseconds(10), .milliseconds(25),
                .milliseconds(100), .milliseconds(500), .seconds(2), .seconds(10), .seconds(60), .seconds(600),
                .seconds(3600), .seconds(86_400),
            ])
    }

    /// From a second to a week: how long somebody had a phone.
    package static var ofUse: Histogram {
        Histogram(
            bounds: [
                .seconds(1), .seconds(10), .seconds(60), .seconds(300), .seconds(900), .seconds(3600), .seconds(14_400),
                .seconds(43_200), .seconds(86_400), .seconds(604_800),
            ])
    }

    /// A duration below zero, as a clock that was set back makes it, counts as zero.
    package mutating func add(_ duration: Duration) {
        let duration = max(duration, .zero)
        count += 1
        sum += duration
        if let bucket = bounds.firstIndex(where: { duration <= $0 }) { counts[bucket] += 1 }
    }
}
