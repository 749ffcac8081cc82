/// A text from the file as a message may show it: in quotes, cut, with nothing in it that a terminal would obey.
struct Quotation: CustomStringConvertible {
    let description: String

    init(_ text: String) { description = "\"" + Self.escaped(text, limit: 60) + "\"" }

    /// Control, format and line-separating characters as `\u{…}`, cut after so many characters.
    static func escaped(_ text: String, limit: Int) -> String {
        var result = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return result + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
