/// The name of a secret that is to be made.
package struct SecretOrder: Hashable, Sendable {
    package var name = ""

    private init() {}

    /// Reads and checks it; throws with every fault in it.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Self.kind.value(of: tree.root, duplicates: tree.duplicates, in: source)
    }

    private static let kind = Kind<SecretOrder>.object(
        SecretOrder(), [Field("name", \.name, .secretName, isRequired: true, "The name of its file.")])
}

extension Kind where Value == String {
    /// Nothing hidden, and no way out of the directory.
    fileprivate static var secretName: Kind {
        let pattern = "^[A-Za-z0-9_][A-Za-z0-9._-]*$"
        return .text(1...64, "a file's name").checked(adding: ["pattern": .string(pattern)]) {
            (name) throws(Objection) in
            guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._\-]*/) != nil else {
                throw Objection(
                    "is no name for a secret's file",
                    "give letters, digits, underscores, dots and hyphens, like ci-secret")
            }
        }
    }
}
