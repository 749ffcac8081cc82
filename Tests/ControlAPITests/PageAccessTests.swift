import Core
import Testing

@testable import ControlAPI

/// Links that are good once, and sessions, without a server around them.
@Suite struct PageAccessTests {
    private let clock = TCP.Clock()

    private func page(_ sessions: [PageSession] = []) -> PageAccess {
        PageAccess(sessions: sessions) { [clock] in clock.time }
    }

    private func signIn(to page: PageAccess, uid: UInt32 = 1000) throws -> (secret: String, session: PageSession) {
        let code = page.link(for: uid, "anna", [.deviceView]).code
        let (secret, session, _) = try #require(page.signIn(code))
        return (secret, session)
    }

    @Test func link_SignsInOnce_WithWhatItsCallerMayDo() throws {
        clock.set(1_000)
        let page = page()
        let link = page.link(for: 1000, "anna", [.deviceView, .sessionManage])
        #expect(link.code.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(link.ends == WallTime(milliseconds: 301_000))
        let (secret, session, ended) = try #require(page.signIn(link.code))
        #expect(page.signIn(link.code) == nil)
        #expect(session.uid == 1000 && session.user == "anna" && ended.isEmpty)
        #expect(session.permissions == [.deviceView, .sessionManage])
        #expect(session.ends == WallTime(milliseconds: 1_000 + 12 * 3_600_000))
        #expect(session.digest == TokenDigest(of: secret))
        #expect(secret != link.code)
        let signedIn = try #require(page.signedIn(by: ["other", secret]))
        #expect(signedIn.session == session)
        #expect(signedIn.csrfToken.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        #expect(signedIn.csrfToken != session.digest.hex)
    }

    @Test func wrongCode_DoesNotSpendTheRightOne() {
        let page = page()
        let code = page.link(for: 1000, "anna", []).code
        for wrong in ["", "x", code + " ", String(code.dropLast()), code.uppercased()] {
            #expect(page.signIn(wrong) == nil)
        }
        #expect(page.signIn(code) != nil)
    }

    @Test func link_IsOverAfterFiveMinutes() {
        let page = page()
        let (first, second) = (page.link(for: 1000, "anna", []).code, page.link(for: 1000, "anna", []).code)
        clock.set(299_999)
        #expect(page.signIn(first) != nil)
        clock.set(300_000)
        #expect(page.signIn(second) == nil)
    }

    @Test func session_IsOverAfterTwelveHours_AndWhenItIsSignedOut() throws {
        let page = page()
        let (one, other) = (try signIn(to: page), try signIn(to: page))
        clock.set(12 * 3_600_000 - 1)
        #expect(page.signedIn(by: [one.secret]) != nil)
        page.signOut(one.session)
        #expect(page.signedIn(by: [one.secret]) == nil)
        #expect(page.signedIn(by: [other.secret]) != nil)
        clock.set(12 * 3_600_000)
        #expect(page.signedIn(by: [other.secret]) == nil)
    }

    @Test func session_GoesOnAfterARestart_AndALinkDoesNot() throws {
        let before = page()
        let (secret, session) = try signIn(to: before)
        let code = before.link(for: 1000, "anna", []).code
        let after = page([session])
        #expect(after.signedIn(by: [secret]) == before.signedIn(by: [secret]))
        #expect(after.signIn(code) == nil)
        clock.set(12 * 3_600_000)
        #expect(page([session]).signedIn(by: [secret]) == nil)
    }

    @Test func signIns_AreBounded_AndNobodyPushesOthersOut() throws {
        let page = page()
        let anna = try signIn(to: page)
        var last: [(secret: String, session: PageSession)] = []
        var ended: Set<PageSession> = []
        for number in 0..<1_000 {
            let code = page.link(for: 7, "bob", []).code
            let (secret, session, gone) = try #require(page.signIn(code))
            #expect(gone.count == (number < 16 ? 0 : 1))
            ended.formUnion(gone)
            last.append((secret, session))
        }
        #expect(ended == Set(last.dropLast(16).map(\.session)))
        #expect(last.filter { page.signedIn(by: [$0.secret]) != nil }.map(\.secret) == last.suffix(16).map(\.secret))
        #expect(page.signedIn(by: [anna.secret]) != nil)
        // Of many users the oldest make room.
        for uid in 100..<1_100 { _ = try signIn(to: page, uid: UInt32(uid)) }
        #expect(page.signedIn(by: [anna.secret]) == nil)
    }

    @Test func links_AreBounded() {
        let page = page()
        let codes = (0..<1_000).map { _ in page.link(for: 7, "bob", []).code }
        #expect(codes.filter { page.signIn($0) != nil } == codes.suffix(16))
    }

    @Test func whatIsOver_MakesRoomFirst() throws {
        let page = page()
        let old = try signIn(to: page).session
        clock.set(12 * 3_600_000)
        let code = page.link(for: 1000, "anna", []).code
        #expect(try #require(page.signIn(code)).ended == [old])
    }
}
