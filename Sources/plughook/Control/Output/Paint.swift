internal import Core
internal import Glibc

/// Colours for a status, where a person looks at them: on a terminal, and not when `NO_COLOR` says otherwise.
struct Paint {
    let isOn: Bool

    /// For standard output; a terminal without a `TERM` has no colours. `NO_COLOR` counts when it is not empty (no-color.org).
    static var standardOutput: Paint {
        let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        return Paint(isOn: StandardOutput.isTerminal && !isRefused && !isDumb)
    }

    /// The text in the colour of the status; any other word stays as it is.
    func status(_ text: String, of word: String) -> String {
        guard isOn, let status = Status(rawValue: word) else { return text }
        return "\u{1b}[\(status.colour)m\(text)\u{1b}[0m"
    }
}

extension Status {
    /// ECMA-48, 8.3.117.
    fileprivate var colour: Int {
        switch self {
        case .online: 32
        case .utilizing: 36
        case .offline: 33
        case .unplugged: 31
        }
    }
}
