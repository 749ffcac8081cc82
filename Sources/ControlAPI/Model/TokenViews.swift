/// A token, without anything by which it could be used.
package struct TokenView: Codable, Hashable, Sendable {
    package var name: String
    /// In the order of the documentation.
    package var permissions: [String]
    /// Nil: until it is revoked.
    package var expires: String?
    package init(name: String, permissions: [String], expires: String?) {
        self.name = name
        self.permissions = permissions
        self.expires = expires
    }
}

/// A token that has just been made: the only answer that ever has it.
package struct NewTokenView: Codable, Hashable, Sendable {
    package var name: String
    package var permissions: [String]
    package var expires: String?
    /// What goes into `Authorization: Bearer`.
    package var token: String

    package init(_ view: TokenView, secret: String) {
        name = view.name
        permissions = view.permissions
        expires = view.expires
        token = secret
    }
}
