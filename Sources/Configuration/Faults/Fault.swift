/// One thing that is wrong with the configuration, where it is, and what would be right.
package struct Fault: Hashable, Sendable {
    /// RFC 6901; empty for the whole file.
    package let pointer: String
    /// From 1.
    package let line: Int
    /// From 1, in Unicode code points; a byte order mark does not count.
    package let column: Int
    /// What is wrong. Values in it are escaped and cut; secrets and URLs are never in it.
    package let problem: String
    package let advice: String

    package init(pointer: String, line: Int, column: Int, problem: String, advice: String) {
        self.pointer = pointer
        self.line = line
        self.column = column
        self.problem = problem
        self.advice = advice
    }

    /// One line for a terminal or a log: `FILE:LINE:COLUMN: /pointer: problem; advice`, safe to print.
    package func text(in file: String) -> String {
        let place = pointer.isEmpty ? "" : Quotation.escaped(pointer, limit: 240) + ": "
        return "\(Quotation.escaped(file, limit: 4096)):\(line):\(column): \(place)\(problem); \(advice)"
    }
}
