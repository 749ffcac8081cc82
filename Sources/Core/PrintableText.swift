extension String {
    /// Safe to print: what a terminal would obey, what changes the direction of text and what hides in it, as `\u{…}`.
    ///
    /// For whatever phones, receivers and files say, wherever people read it.
    package var printable: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
