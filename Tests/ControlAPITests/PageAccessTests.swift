import Core
import Testing

@testable import ControlAPI

/// Links that are good once, and sessions, without a server around them.
@Suite struct PageAccessTests {
    private struct SignedIn {
        let cookie: String
        let token: String
        let session: PageSession

        func goesOn(at page: PageAccess) -> Bool { page.session(of: [cookie], token) == session }
    }

    private let clock = TCP.Clock()

    private func page(_ sessions: [PageSession] = []) -> PageAccess {
        PageAccess(sessions: sessions) { [clock] in clock.time }
    }

    private func signIn(to page: PageAccess, uid: UInt32 = 1000) throws -> SignedIn {
        let code = page.link(for: uid, "anna", [.deviceView]).code
        let (cookie, token, session, _) = try #require(page.signIn(code))
        return SignedIn(cookie: cookie, token: token, session: session)
    }

    @Test func link_SignsInOnce_WithWhatItsCallerMayDo() throws {
        clock.set(1_000)
        let page = page()
        let link = page.link(for: 1000, "anna", [.deviceView, .sessionManage])
        #expect(link.code.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(link.ends == WallTime(milliseconds: 301_000))
        let (cookie, token, session, ended) = try #require(page.signIn(link.code))
        #expect(page.signIn(link.code) == nil)
        #expect(session.uid == 1000 && session.user == "anna" && ended.isEmpty)
        #expect(session.permissions == [.deviceView, .sessionManage])
        #expect(session.ends == WallTime(milliseconds: 1_000 + 12 * 3_600_000))
        #expect(Set([link.code, cookie, token]).count == 3)
        #expect([cookie, token].allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil })
        #expect(page.session(of: ["other", cookie], token) == session)
    }

    /// A browser gives the cookie to whatever listens on another port of this host.
    @Test func neitherHalf_IsGoodWithoutItsOther() throws {
        let page = page()
        let (one, other) = (try signIn(to: page), try signIn(to: page))
        for (cookie, token) in [
            (one.cookie, ""), (one.cookie, one.cookie), (one.cookie, other.token), (one.token, one.cookie),
            ("", one.token), (one.token, one.token), ("\(one.cookie) \(one.token)", ""),
        ] {
            #expect(page.session(of: [cookie], token) == nil)
        }
        #expect(page.session(of: [], one.token) == nil)
        #expect(page.session(of: [other.cookie, one.cookie], one.token) == one.session)
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
        #expect(one.goesOn(at: page))
        page.signOut(one.session)
        #expect(!one.goesOn(at: page))
        #expect(other.goesOn(at: page))
        clock.set(12 * 3_600_000)
        #expect(!other.goesOn(at: page))
    }

    @Test func session_GoesOnAfterARestart_AndALinkDoesNot() throws {
        let before = page()
        let signedIn = try signIn(to: before)
        let code = before.link(for: 1000, "anna", []).code
        let after = page([signedIn.session])
        #expect(signedIn.goesOn(at: before) && signedIn.goesOn(at: after))
        #expect(after.signIn(code) == nil)
        clock.set(12 * 3_600_000)
        #expect(!signedIn.goesOn(at: page([signedIn.session])))
    }

    @Test func signIns_AreBounded_AndNobodyPushesOthersOut() throws {
        let page = page()
        let anna = try signIn(to: page)
        var last: [SignedIn] = []
        var ended: Set<PageSession> = []
        for number in 0..<1_000 {
            let code = page.link(for: 7, "bob", []).code
            let (cookie, token, session, gone) = try #require(page.signIn(code))
            #expect(gone.count == (number < 16 ? 0 : 1))
            ended.formUnion(gone)
            last.append(SignedIn(cookie: cookie, token: token, session: session))
        }
        #expect(ended == Set(last.dropLast(16).map(\.session)))
        #expect(last.map { $0.goesOn(at: page) } == (0..<1_000).map { $0 >= 1_000 - 16 })
        #expect(anna.goesOn(at: page))
        // Of many users the oldest make room.
        for uid in 100..<1_100 { _ = try signIn(to: page, uid: UInt32(uid)) }
        #expect(!anna.goesOn(at: page))
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
