package import Core

extension AccessToken {
    /// Reads and checks what somebody asks for who wants a token: `name`, `permissions` and perhaps `expires`.
    ///
    /// Whether the name is free is told when the edited file is read.
    package init(request source: [UInt8], digest: TokenDigest) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Kind.requestedToken.value(of: tree.root, duplicates: tree.duplicates, in: source)
        self.digest = digest
    }

    /// All of it in the file's words.
    package var members: [JSONLiteral.Member] {
        let words = Permission.allCases.filter(permissions.contains).map { JSONLiteral.string($0.rawValue) }
        let expiry = expires.map { [JSONLiteral.Member("expires", .string($0.description))] } ?? []
        return [
            .init("name", .string(name)), .init("sha256", .string(digest.hex)), .init("permissions", .array(words)),
        ] + expiry
    }
}
