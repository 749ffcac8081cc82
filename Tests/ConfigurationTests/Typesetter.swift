import PlughookConfiguration
import TestSupport

/// Writes values in one of the manners in which people and tools write JSON.
struct Typesetter {
    enum Manner: CaseIterable {
        /// A line for each member and element.
        case lines
        /// The same, but lists of words on one line.
        case linesWithShortLists
        case oneLine
        case compact
        /// White space of any kind wherever it may be.
        case wild
    }

    private let manner: Manner
    private let unit: String
    private let newline: String
    private var random: SeededGenerator

    init(using random: inout SeededGenerator) {
        manner = Manner.allCases.randomElement(using: &random) ?? .lines
        unit = ["  ", "    ", "\t", " "].randomElement(using: &random) ?? "  "
        newline = ["\n", "\n", "\r\n"].randomElement(using: &random) ?? "\n"
        self.random = SeededGenerator(seed: random.next())
    }

    /// A whole file, sometimes with a byte order mark or without a line break at the end.
    mutating func document(_ value: JSONLiteral) -> [UInt8] {
        let mark: [UInt8] = random.next() % 8 == 0 ? [0xEF, 0xBB, 0xBF] : []
        let end = random.next() % 4 == 0 ? "" : newline
        return mark + Array((text(of: value, level: 0) + end).utf8)
    }

    private mutating func text(of value: JSONLiteral, level: Int) -> String {
        switch value {
        case .boolean, .integer, .string: return value.prettyText
        case .array(let values):
            let hasObjects = values.contains { if case .object = $0 { true } else { false } }
            let isShort = manner == .linesWithShortLists && !hasObjects
            return bracketed("[", values.map { text(of: $0, level: level + 1) }, "]", level, isOnOneLine: isShort)
        case .object(let members):
            let texts = members.map { member in
                JSONLiteral.string(member.key).prettyText + colon() + text(of: member.value, level: level + 1)
            }
            return bracketed("{", texts, "}", level, isOnOneLine: false)
        }
    }

    private mutating func bracketed(
        _ open: String, _ texts: [String], _ close: String, _ level: Int, isOnOneLine: Bool
    ) -> String {
        if texts.isEmpty { return open + (manner == .wild ? space() : "") + close }
        var result = open
        for (index, text) in texts.enumerated() {
            if index > 0 { result += manner == .wild ? space() + "," : "," }
            if index > 0 || !(isOnOneLine || manner == .oneLine) {
                result += isOnOneLine ? " " : gap(level + 1)
            }
            result += text
        }
        return result + (isOnOneLine || manner == .oneLine ? "" : gap(level)) + close
    }

    private mutating func gap(_ level: Int) -> String {
        switch manner {
        case .lines, .linesWithShortLists: newline + String(repeating: unit, count: level)
        case .oneLine: " "
        case .compact: ""
        case .wild: space()
        }
    }

    private mutating func colon() -> String {
        switch manner {
        case .lines, .linesWithShortLists, .oneLine: ": "
        case .compact: ":"
        case .wild: space() + ":" + space()
        }
    }

    private mutating func space() -> String {
        let kinds = ["", " ", "\t", "\n", "\r\n", "\r", "\n\n  ", "   "]
        return (0..<random.next() % 3).map { _ in kinds.randomElement(using: &random) ?? "" }.joined()
    }
}
