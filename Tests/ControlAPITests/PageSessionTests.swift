import Core
import NIOHTTP1
import Testing

@testable import ControlAPI

/// A browser that signs in, over TCP, and those who pretend to be one.
@Suite struct PageSessionTests {
    private let origin: HTTPHeaders = ["host": "127.0.0.1:8377", "origin": "http://127.0.0.1:8377"]

    private func link(_ test: TestServer) async throws -> String {
        let link: PageLinkView = try await test.ask(.POST, "/v1/page/links").decoded()
        let parts = link.url.split(separator: "/#sign-in=")
        #expect(try parts[0] == "http://\(#require(test.page.address))")
        return String(parts[1])
    }

    private func signIn(_ test: TestServer, _ code: String, _ headers: HTTPHeaders = [:], over tcp: String) async throws
        -> Reply
    {
        try await test.ask(.POST, "/page/session", json: #"{"code":"\#(code)"}"#, headers: headers, over: tcp)
    }

    /// The cookie alone, the cookie with the token, and what was answered.
    private func signedIn(_ test: TestServer, over tcp: String) async throws -> (
        cookie: HTTPHeaders, both: HTTPHeaders, view: PageSessionView
    ) {
        let reply = try await signIn(test, try await link(test), origin, over: tcp)
        #expect(reply.status == 201)
        let set = try #require(reply.headers.first(name: "set-cookie"))
        let parts = set.split(separator: "; ")
        #expect(parts[0].wholeMatch(of: /plughook-page=[A-Za-z0-9_-]{43}/) != nil)
        #expect(Set(parts.dropFirst()) == ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"])
        #expect(reply.headers["cache-control"] == ["no-store"])
        let view: PageSessionView = try reply.decoded()
        let cookie: HTTPHeaders = ["cookie": "a=b; \(parts[0])"]
        var both = cookie
        both.add(name: "plughook-page-token", value: try #require(view.pageToken))
        return (cookie, both, view)
    }

    @Test func browser_MayDoWhatItsUserMay_UnderHisName() async throws {
        // Without any token.
        try await TCP.run([], as: TestServer.Peer.admin) { test, tcp async throws in
            #expect(try await test.ask(.GET, "/v1/status", over: tcp).status == 401)
            let (_, both, view) = try await signedIn(test, over: tcp)
            #expect(view.user == "anna")
            #expect(view.permissions == Permission.allCases.map(\.rawValue))
            let shown = try await test.ask(.GET, "/page/session", headers: both, over: tcp)
            var wanted = view
            wanted.pageToken = nil
            #expect(try shown.decoded(PageSessionView.self) == wanted, "the token is told once")
            for path in ["/v1/status", "/metrics", "/readyz", "/v1/config"] {
                #expect(try await test.ask(.GET, path, headers: both, over: tcp).status == 200)
                #expect(try await test.ask(.HEAD, path, headers: both, over: tcp).status == 200)
            }
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: both, over: tcp).status == 200)
            #expect(try await test.ask(.DELETE, "/page/session", headers: both, over: tcp).status == 204)
            let who = "uid 1000 (anna)"
            test.agent.change {
                #expect($0.audit == ["\(who): sign in", "\(who): reload", "\(who): sign out"])
                #expect($0.pageSessions.isEmpty)
            }
            for path in ["/page/session", "/v1/status"] {
                #expect(try await test.ask(.GET, path, headers: both, over: tcp).status == 401)
            }
        }
    }

    @Test func viewer_MayLook_AndIsToldWhichGroupMayDoMore() async throws {
        try await TCP.run([], as: TestServer.Peer.viewer) { test, tcp async throws in
            let (_, both, view) = try await signedIn(test, over: tcp)
            #expect(view.permissions == ["device.view", "session.manage"] && view.user == "uid 1001")
            #expect(try await test.ask(.GET, "/v1/devices", headers: both, over: tcp).status == 200)
            let reply = try await test.ask(.POST, "/v1/config/reload", headers: both, over: tcp)
            #expect(reply.status == 403)
            #expect(try reply.problem.detail.contains("plughook-admin"))
        }
    }

    /// As whoever listens on another port of this host gets it from the browser.
    @Test func cookieAlone_IsGoodForNothing() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let (cookie, both, view) = try await signedIn(test, over: tcp)
            let token = try #require(view.pageToken)
            for wrong in [nil, "", "x", token.uppercased(), token + "0"] {
                var headers = cookie
                if let wrong { headers.add(name: "plughook-page-token", value: wrong) }
                for (method, path) in [
                    (HTTPMethod.GET, "/v1/status"), (.GET, "/page/session"), (.GET, "/v1/events/stream"),
                    (.HEAD, "/v1/devices"), (.POST, "/v1/config/reload"), (.DELETE, "/v1/webhooks/129"),
                    (.PATCH, "/v1/webhooks/129"), (.DELETE, "/page/session"),
                ] {
                    let reply = try await test.ask(method, path, headers: headers, over: tcp)
                    #expect(reply.status == 401, "\(method) \(path)")
                }
            }
            let alone: HTTPHeaders = ["plughook-page-token": token]
            #expect(try await test.ask(.GET, "/v1/status", headers: alone, over: tcp).status == 401)
            test.agent.change { #expect($0.audit == ["uid 0: sign in"]) }
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: both, over: tcp).status == 200)
        }
    }

    @Test(arguments: [
        "http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8377", "https://127.0.0.1:8377",
        "http://127.0.0.1:8377.evil.example", "http://127.0.0.1", "",
    ])
    func pageOfAnotherOrigin_IsRefused(_ foreign: String) async throws {
        try await TCP.run([]) { test, tcp async throws in
            let (_, both, _) = try await signedIn(test, over: tcp)
            let code = try await link(test)
            var wrong: HTTPHeaders = ["host": "127.0.0.1:8377", "origin": foreign]
            #expect(try await signIn(test, code, wrong, over: tcp).status == 403)
            wrong.add(contentsOf: both)
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: wrong, over: tcp).status == 403)
            #expect(try await test.ask(.GET, "/v1/status", headers: wrong, over: tcp).status == 403)
            var right = origin
            right.add(contentsOf: both)
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: right, over: tcp).status == 200)
            // It was not spent by the page that may not use it.
            #expect(try await signIn(test, code, origin, over: tcp).status == 201)
        }
    }

    @Test func otherHost_IsRefused_WhateverIsAsked() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let (_, both, _) = try await signedIn(test, over: tcp)
            var headers = both
            headers.add(name: "host", value: "evil.example")
            for path in ["/", "/page/main.js", "/page/session", "/v1/status"] {
                #expect(try await test.ask(.GET, path, headers: headers, over: tcp).status == 421)
            }
        }
    }

    @Test func code_IsGoodOnce_AndForFiveMinutes() async throws {
        let clock = TCP.Clock()
        try await TCP.run([], clock: clock) { test, tcp async throws in
            let (first, second) = (try await link(test), try await link(test))
            #expect(try await signIn(test, first, over: tcp).status == 201)
            for code in [first, "", "x", second.uppercased()] {
                let reply = try await signIn(test, code, over: tcp)
                #expect(reply.status == 401)
                #expect(reply.headers["set-cookie"].isEmpty)
                #expect(try reply.problem.detail.contains("plughook page"))
            }
            clock.set(300_000)
            #expect(try await signIn(test, second, over: tcp).status == 401)
            #expect(test.agent.change { $0.pageSessions.count } == 1)
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"code":1}"#, "code=x", #"{"code":null}"#])
    func bodyThatIsNoCode_IsRefused(_ body: String) async throws {
        try await TCP.run([]) { test, tcp async throws in
            #expect(try await test.ask(.POST, "/page/session", json: body, over: tcp).status == 400)
            // A form of another site is no JSON.
            let form = "application/x-www-form-urlencoded"
            #expect(try await test.ask(.POST, "/page/session", json: body, type: form, over: tcp).status == 415)
        }
    }

    @Test func link_IsMadeOnTheSocketAlone_AndOnlyWhereThePageIs() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            let (_, both, _) = try await signedIn(test, over: tcp)
            for headers in [both, TCP.bearer("ci")] {
                #expect(try await test.ask(.POST, "/v1/page/links", headers: headers, over: tcp).status == 403)
            }
            #expect(try await test.served(nil).get() == nil)
            let reply = try await test.ask(.POST, "/v1/page/links")
            #expect(reply.status == 409)
            let detail = try reply.problem.detail
            #expect(detail.contains(#""control": {"http": {"listen": "127.0.0.1:8377"}}"#))
            #expect(detail.contains("/etc/plughook/config.json"))
        }
        try await TCP.run([], as: TestServer.Peer.stranger) { test, _ async throws in
            #expect(try await test.ask(.POST, "/v1/page/links").status == 403)
        }
    }

    @Test func token_CountsBeforeTheCookie() async throws {
        try await TCP.run([try TCP.token("ci", [.deviceView])]) { test, tcp async throws in
            var headers = try await signedIn(test, over: tcp).both
            headers.add(contentsOf: TCP.bearer("ci"))
            #expect(try await test.ask(.GET, "/v1/status", headers: headers, over: tcp).status == 200)
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: headers, over: tcp).status == 403)
            headers.replaceOrAdd(name: "authorization", value: "Bearer wrong")
            #expect(try await test.ask(.GET, "/v1/status", headers: headers, over: tcp).status == 401)
        }
    }

    @Test(arguments: [true, false])
    func stream_EndsBeforeItsNextEvent_WhenItsSessionIsOver(_ isByTime: Bool) async throws {
        let clock = TCP.Clock()
        try await TCP.run([], clock: clock) { test, tcp async throws in
            let (_, both, _) = try await signedIn(test, over: tcp)
            try await test.stream(headers: both, over: tcp) { frames async throws in
                await test.agent.until { !$0.subscribers.isEmpty }
                test.agent.happens(.sample(1))
                #expect(try await frames.next()?.contains("id: 1") == true)
                if isByTime {
                    clock.set(12 * 3_600_000)
                } else {
                    #expect(try await test.ask(.DELETE, "/page/session", headers: both, over: tcp).status == 204)
                }
                test.agent.happens(.sample(2))
                #expect(try await frames.next() == nil)
            }
        }
    }

    /// Root may name any place on the socket: a browser that was left open may not.
    @Test func browser_NamesNoPlaceOfTheHost() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let (_, both, _) = try await signedIn(test, over: tcp)
            #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}").status == 201)
            #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}", headers: both, over: tcp).status == 201)
            test.agent.change { #expect($0.editors.map(\.mayNameAnyPlace) == [true, false]) }
        }
    }

    @Test func browsersThatMakeRoom_AreForgottenByTheAgentToo() async throws {
        try await TCP.run([]) { test, tcp async throws in
            var first: HTTPHeaders?
            for _ in 0..<17 {
                let both = try await signedIn(test, over: tcp).both
                first = first ?? both
            }
            #expect(test.agent.change { $0.pageSessions.count } == 16)
            #expect(try await test.ask(.GET, "/page/session", headers: try #require(first), over: tcp).status == 401)
        }
    }
}
