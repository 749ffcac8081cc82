package import Core
internal import Crypto
internal import Linux

/// Who may use the page: links that are good once, and the browsers that have followed one.
///
/// A browser has two secrets: a cookie, which no script reads and which it gives to every port of this host, and a token,
/// which the page keeps to itself. Neither is good without the other.
///
/// For any thread. Links are forgotten with the process; sessions are given to the agent to be kept.
package final class PageAccess: Sendable {
    /// How long a link waits to be followed.
    static let linkLife = Duration.seconds(5 * 60)
    /// A day's work: long enough not to be in the way, short enough for a browser that is left open.
    static let sessionLife = Duration.seconds(12 * 3_600)

    private struct State {
        var address: String?
        var links = PageSessions()
        var sessions: PageSessions
    }

    private let state: Locked<State>
    private let now: @Sendable () -> WallTime

    /// With the sessions of the time before a restart, the oldest first.
    package init(sessions: [PageSession] = [], now: @escaping @Sendable () -> WallTime = { .now() }) {
        self.now = now
        state = Locked(State(sessions: PageSessions(sessions)))
    }

    /// Where the page is served, as host and port; nil while it is nowhere.
    var address: String? {
        get { state.withLock { $0.address } }
        set { state.withLock { $0.address = newValue } }
    }

    /// A code that signs in once, for this one with what he may do.
    func link(for uid: UInt32, _ user: String, _ permissions: Set<Permission>) -> (code: String, ends: WallTime) {
        let code = randomSecret()
        let now = now()
        let link = PageSession(
            digest: TokenDigest(of: code) ?? .unknown, uid: uid, user: user, permissions: permissions,
            ends: now + Self.linkLife)
        _ = state.withLock { $0.links.add(link, at: now) }
        return (code, link.ends)
    }

    /// Nil when the code is none, or was used, or is over. `ended` are those that had to make room.
    func signIn(_ code: String) -> (cookie: String, token: String, session: PageSession, ended: [PageSession])? {
        let now = now()
        let (cookie, token) = (randomSecret(), randomSecret())
        guard let codeDigest = TokenDigest(of: code), let digest = Self.digest(cookie, token) else { return nil }
        return state.withLock { state in
            guard let link = state.links.take(codeDigest), link.ends > now else { return nil }
            let session = PageSession(
                digest: digest, uid: link.uid, user: link.user, permissions: link.permissions,
                ends: now + Self.sessionLife)
            return (cookie, token, session, state.sessions.add(session, at: now))
        }
    }

    /// Nil when the token is with none of these cookies one of a session that goes on.
    func session(of cookies: [String], _ token: String) -> PageSession? {
        let digests = cookies.compactMap { Self.digest($0, token) }
        let found = state.withLock { state in digests.compactMap(state.sessions.find).first }
        return found.flatMap { $0.ends > now() ? $0 : nil }
    }

    func signOut(_ session: PageSession) { _ = state.withLock { $0.sessions.take(session.digest) } }

    /// Of both in one, so that a session is not so much as found by one of them.
    private static func digest(_ cookie: String, _ token: String) -> TokenDigest? {
        TokenDigest(of: "\(cookie) \(token)")
    }
}

/// A bounded number of them, the oldest first.
private struct PageSessions {
    /// Nobody has more browsers, and nobody can push others out by making more.
    private static let mostOfOneUser = 16
    private static let most = 256

    private var all: [PageSession]

    init(_ all: [PageSession] = []) { self.all = all }

    /// Returns those that are gone for it.
    mutating func add(_ session: PageSession, at now: WallTime) -> [PageSession] {
        var gone = all.filter { $0.ends <= now }
        all.removeAll { $0.ends <= now }
        while all.count(where: { $0.uid == session.uid }) >= Self.mostOfOneUser,
            let oldest = all.firstIndex(where: { $0.uid == session.uid })
        {
            gone.append(all.remove(at: oldest))
        }
        if all.count >= Self.most { gone.append(all.removeFirst()) }
        all.append(session)
        return gone
    }

    /// Digests are compared: the time that it takes says nothing about the secret.
    func find(_ digest: TokenDigest) -> PageSession? { all.first { $0.digest == digest } }

    mutating func take(_ digest: TokenDigest) -> PageSession? {
        all.firstIndex { $0.digest == digest }.map { all.remove(at: $0) }
    }
}
