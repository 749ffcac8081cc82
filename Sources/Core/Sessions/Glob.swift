/// A pattern for a whole text: `*` stands for any characters, `?` for one, all else for itself, letter case included.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ pattern: String) { description = pattern }

    /// In time that grows with the product of both lengths at most.
    package func matches(_ text: String) -> Bool {
        let pattern = Array(description.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var (p, t) = (0, 0)
        // Where the last star was, and how far it reaches until now.
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let (starred, reached) = star {
                star = (starred, reached + 1)
                (p, t) = (starred + 1, reached + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
