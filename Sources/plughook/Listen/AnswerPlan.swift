internal import ArgumentParser

/// What is answered to request after request.
struct AnswerPlan {
    enum Answer: Hashable {
        case status(Int)
        /// The connection is closed instead.
        case drop
    }

    let delayMilliseconds: Int
    private let statuses: [Int]
    private let isDropping: Bool
    private var next = 0

    init(statuses: [Int], delayMilliseconds: Int, isDropping: Bool) {
        self.statuses = statuses
        self.delayMilliseconds = delayMilliseconds
        self.isDropping = isDropping
    }

    /// The next answer; the last status is repeated.
    mutating func takeNext() -> Answer {
        if isDropping { return .drop }
        defer { next = min(next + 1, statuses.count - 1) }
        return .status(statuses[next])
    }
}

/// Statuses as an argument: `500,500,200`.
struct StatusSequence: ExpressibleByArgument {
    /// Final ones.
    static let allowed = 200...599

    let statuses: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        statuses = parts.compactMap { Int($0) }.filter(Self.allowed.contains)
        guard statuses.count == parts.count else { return nil }
    }
}
