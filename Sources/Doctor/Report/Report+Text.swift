extension Report {
    /// For people: a line for each diagnosis, the mend below it, and what it comes to. Ends with a line break.
    package func text(isColoured: Bool) -> String {
        let width = diagnoses.map(\.check.rawValue.count).max() ?? 0
        let indent = String(repeating: " ", count: Diagnosis.Verdict.width + width + 4)
        var lines: [String] = []
        for diagnosis in diagnoses {
            let mark = diagnosis.verdict.mark(isColoured: isColoured)
            lines.append("\(mark)  \(diagnosis.check.rawValue.padded(to: width))  \(diagnosis.found)")
            if let mend = diagnosis.mend { lines.append("\(indent)mend: \(mend)") }
        }
        return lines.joined(separator: "\n") + "\n\n\(sum)\n"
    }

    private var sum: String {
        let parts = [(count(of: .problem), "problem"), (count(of: .warning), "warning")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "Nothing is wrong." : parts.joined(separator: ", ") + "."
    }
}

extension Diagnosis.Verdict {
    fileprivate static let width = allCases.map(\.rawValue.count).max() ?? 0

    fileprivate func mark(isColoured: Bool) -> String {
        let word = rawValue.padded(to: Self.width)
        return isColoured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word
    }

    /// The parameter of `SGR` (ECMA-48): green, yellow, bold red, dim.
    private var colour: String {
        switch self {
        case .ok: "32"
        case .warning: "33"
        case .problem: "1;31"
        case .skipped: "2"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
