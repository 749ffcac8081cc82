internal import Core

/// A text from the file as a message may show it: in quotes, cut, with nothing in it that a terminal would obey.
struct Quotation: CustomStringConvertible {
    let description: String

    init(_ text: String) { description = "\"" + Self.escaped(text, limit: 60) + "\"" }

    /// Safe to print, cut after so many characters.
    static func escaped(_ text: String, limit: Int) -> String {
        let kept = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
        return kept.printable + (text.unicodeScalars.count > limit ? "…" : "")
    }
}
