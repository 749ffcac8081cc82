/// A fault that does not know its line and column yet: where it is in the tree and in the bytes.
package struct Finding: Error, Hashable, Sendable {
    package let pointer: JSONPointer
    package let offset: Int
    package let problem: String
    package let advice: String
}

/// What a check has against a value, without knowing where the value stands.
struct Objection: Error, Hashable {
    let problem: String
    let advice: String

    init(_ problem: String, _ advice: String) {
        self.problem = problem
        self.advice = advice
    }
}

/// All that is wrong with one document, as it is being read.
struct Findings {
    /// Nobody mends more at a time; a file that is wrong from end to end must not fill the memory.
    static let limit = 1000

    private var kept: [Finding] = []
    private var omitted = 0

    var isEmpty: Bool { kept.isEmpty }

    mutating func add(_ finding: Finding) {
        if kept.count < Self.limit {
            kept.append(finding)
        } else {
            omitted += 1
        }
    }

    mutating func add(_ problem: String, _ advice: String, at cursor: JSONCursor) {
        add(Finding(pointer: cursor.pointer, offset: cursor.node.range.lowerBound, problem: problem, advice: advice))
    }

    /// At the key instead of its value: what is to be removed is the pair.
    mutating func add(_ problem: String, _ advice: String, atKeyOf cursor: JSONCursor) {
        let offset = cursor.keyOffset ?? cursor.node.range.lowerBound
        add(Finding(pointer: cursor.pointer, offset: offset, problem: problem, advice: advice))
    }

    mutating func add(_ objection: Objection, at cursor: JSONCursor) {
        add(objection.problem, objection.advice, at: cursor)
    }

    /// The findings in the order of the file, with lines and columns; one pass over the bytes for all of them.
    func placed(in source: [UInt8]) -> [Fault] {
        var line = 1
        var column = 1
        var offset = source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let sorted = kept.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
        var faults = sorted.map { _, finding in
            while offset < min(finding.offset, source.count) {
                if source[offset] == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if source[offset] & 0xC0 != 0x80 {
                    column += 1
                }
                offset += 1
            }
            return Fault(
                pointer: finding.pointer.description, line: line, column: column, problem: finding.problem,
                advice: finding.advice)
        }
        if omitted > 0 {
            faults.append(
                Fault(
                    pointer: "", line: line, column: column, problem: "\(omitted) more faults are not shown",
                    advice: "mend these first"))
        }
        return faults
    }
}
