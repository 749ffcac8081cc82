extension String {
    /// What a phone or a server said, as the house can use it: without padding, printable, and cut at so many scalars.
    ///
    /// The same again when it is applied again.
    package func sensed(atMost limit: Int) -> String {
        // Cut before as well, so that a flood is not escaped first.
        trimmingNULAndSpace().cut(limit).printable.cut(limit).trimmingNULAndSpace()
    }

    private func cut(_ limit: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(limit))) }
}
