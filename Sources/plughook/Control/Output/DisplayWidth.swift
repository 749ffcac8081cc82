extension String {
    /// How many columns of a terminal the text takes; for printable text.
    ///
    /// East Asian wide and full-width characters and emoji take two, what is written onto the character before it none.
    var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: 0
        default: properties.isEmojiPresentation || isWide ? 2 : 1
        }
    }

    /// The blocks of `EastAsianWidth.txt` (Unicode 16) that are W or F throughout, or nearly.
    private var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
