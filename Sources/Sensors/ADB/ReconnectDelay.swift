internal import Core

/// How long to wait before a server is tried again: 0.25 s to 10 s, doubling.
///
/// Each is drawn from the upper half of its step, so that several clients of a server do not come back together. A server
/// is back within seconds of a restart; ten seconds' wait keeps what a host without one costs at nothing.
struct ReconnectDelay {
    private static let first = Duration.milliseconds(500)
    private static let longest = Duration.seconds(10)

    private var step = first
    private var random: any RandomNumberGenerator

    init(random: any RandomNumberGenerator) { self.random = random }

    /// The delay after one more failure.
    mutating func next() -> Duration {
        let whole = step.wholeMilliseconds
        step = min(step * 2, Self.longest)
        return .milliseconds(Int64.random(in: whole / 2...whole, using: &random))
    }

    /// All was well for a time: the next failure is the first again.
    mutating func reset() { step = Self.first }
}
