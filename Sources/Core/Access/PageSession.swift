/// One who may use the page: whoever shows secrets of which only the digest is known here.
package struct PageSession: Hashable, Sendable {
    package let digest: TokenDigest
    /// Who asked for the sign-in, on the socket.
    package let uid: UInt32
    /// His name at that time, or `uid 1000` where the host knew none.
    package let user: String
    /// What he was allowed then.
    package let permissions: Set<Permission>
    /// From this moment on it is over.
    package let ends: WallTime

    package init(digest: TokenDigest, uid: UInt32, user: String, permissions: Set<Permission>, ends: WallTime) {
        self.digest = digest
        self.uid = uid
        self.user = user
        self.permissions = permissions
        self.ends = ends
    }
}
