package import Core

/// What came of a request outside all lanes, on no record: a test callback, or a question to another kind of server.
package struct SideAnswer: Hashable, Sendable {
    package let outcome: Outcome
    /// The final status line's code; nil when there was none.
    package let statusCode: Int?
    /// It came to its end.
    package let isWhole: Bool
    /// As in `Attempt`; safe to print.
    package let detail: String
    /// The first bytes of the answer's body, as they came: untrusted. Of a question, all of it.
    package let body: [UInt8]
    package let phases: Phases
    /// By the clock of the phases (the loop's is that of its turn, which may have begun before the first byte came): none
    /// of them is longer.
    package let duration: Duration

    /// How much of the body is kept of the answer to a test.
    package static let longestBody = 1024
    /// More than this is not read of the answer to a question.
    package static let longestAnswer = 1_048_576
}

extension SideAnswer {
    init(_ end: Transfer.End, body: [UInt8], phases: Phases, after duration: Duration) {
        self.init(
            outcome: end.outcome, statusCode: end.statusCode, isWhole: end.isWhole, detail: end.detail, body: body,
            phases: phases, duration: duration)
    }

    /// Of one that could not even begin.
    init(unsent error: CurlError) {
        self.init(.unsent(error.description), body: [], phases: Phases(), after: .zero)
    }
}
