extension Configuration {
    /// All of it as it is in force, defaults included, in the words of the file; what is secret is not in it.
    package var literal: JSONLiteral { Self.kind.literal(self) ?? [:] }
}
