package import Core

/// What came of a test callback: one attempt outside all lanes, on no record.
package struct TestAnswer: Hashable, Sendable {
    /// From the start of the attempt until each of these was done; nil for what did not happen, as on a connection that
    /// was open already.
    package struct Phases: Hashable, Sendable {
        package var nameLookup: Duration?
        package var connect: Duration?
        package var tls: Duration?
        package var firstByte: Duration?
    }

    package let outcome: Outcome
    /// The final status line's code; nil when there was none.
    package let statusCode: Int?
    /// As in `Attempt`; safe to print.
    package let detail: String
    /// The first bytes of the answer's body, as they came: untrusted.
    package let body: [UInt8]
    package let phases: Phases
    /// By the clock of the phases (the loop's is that of its turn, which may have begun before the first byte came): none
    /// of them is longer.
    package let duration: Duration

    /// How much of the body is kept.
    package static let longestBody = 1024
}
