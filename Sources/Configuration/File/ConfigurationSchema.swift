/// The JSON Schema (draft 2020-12) of the file, from the same table that the file is read by.
package enum ConfigurationSchema {
    /// Ends with a line break.
    package static let text = head.merging(Configuration.kind.schema).prettyText + "\n"

    private static let head: JSONLiteral = [
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plughook configuration",
        "description": "The file /etc/plughook/config.json. Every key has a default: {} is valid.",
    ]
}
