/// A link that signs one browser in.
package struct PageLinkView: Codable, Hashable, Sendable {
    /// The code is in the fragment, which no browser sends and no log has.
    package var url: String
    package var expiresAt: String

    package init(url: String, expiresAt: String) {
        self.url = url
        self.expiresAt = expiresAt
    }
}

/// What a browser has that is signed in to the page.
package struct PageSessionView: Codable, Hashable, Sendable {
    package var user: String
    /// In the order of the documentation.
    package var permissions: [String]
    package var expiresAt: String
    /// For the header `plughook-page-token` of each request; only in the answer to the sign-in.
    package var pageToken: String?

    package init(user: String, permissions: [String], expiresAt: String, pageToken: String? = nil) {
        self.user = user
        self.permissions = permissions
        self.expiresAt = expiresAt
        self.pageToken = pageToken
    }
}

/// A secret that has just been made: the only answer that ever has it.
package struct NewSecretView: Codable, Hashable, Sendable {
    /// What a webhook's `secrets` have as `file`.
    package var name: String
    package var secret: String

    package init(name: String, secret: String) {
        self.name = name
        self.secret = secret
    }
}
