import Core
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct TokenAccessTests {
    @Test func token_HasItsPermissions_AndIsNamedInTheAuditTrail() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: tcp).status == 200)
            let lower: HTTPHeaders = ["authorization": "bearer secret of ci"]
            #expect(try await test.ask(.POST, "/v1/config/reload", headers: lower, over: tcp).status == 200)
            test.agent.change { #expect($0.audit == ["token ci: reload"]) }
        }
    }

    @Test func noTokenAndWrongToken_AreToldHowToGetOne() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            for headers: HTTPHeaders in [
                [:], ["authorization": "Bearer secret of nobody"], ["authorization": "Basic c2VjcmV0"],
                ["authorization": "Bearer"], ["authorization": ""], ["authorization": "Bearer secret of ci "],
                ["authorization": "Bearer \(try TCP.token("ci").digest.hex)"],
            ] {
                let reply = try await test.ask(.GET, "/v1/devices", headers: headers, over: tcp)
                #expect(reply.status == (headers.first(name: "authorization")?.hasSuffix("ci ") == true ? 200 : 401))
                guard reply.status == 401 else { continue }
                #expect(reply.headers["www-authenticate"] == ["Bearer"])
                #expect(try reply.problem.detail.contains("plughook tokens create NAME"))
            }
            #expect(try await test.ask(.GET, "/v1/openapi.json", over: tcp).status == 200)
        }
    }

    @Test func everyRouteWithAPermission_AsksForAToken() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            // To sign out, and to be told who one is, one needs no permission, but the sign-in.
            for route in RouteTable.all.routes where route.path != "/page/session" {
                let method = HTTPMethod(rawValue: route.method.rawValue)
                let reply = try await test.ask(method, route.path.filter { !"{}".contains($0) }, over: tcp)
                #expect((reply.status == 401) == (route.permission != nil), "\(method) \(route.path)")
            }
        }
    }

    @Test func tokenWithoutThePermission_IsToldWhichAndWhatToDo() async throws {
        try await TCP.run([try TCP.token("view", [.deviceView])]) { test, tcp async throws in
            #expect(try await test.ask(.GET, "/v1/webhooks", headers: TCP.bearer("view"), over: tcp).status == 200)
            let reply = try await test.ask(.POST, "/v1/config/reload", headers: TCP.bearer("view"), over: tcp)
            #expect(reply.status == 403)
            let detail = try reply.problem.detail
            #expect(detail.hasPrefix("The token view has not the permission org_setting.modify."))
            #expect(detail.contains("plughook tokens create"))
        }
    }

    @Test func expiredToken_IsRefusedAsSuch_FromItsMomentOn() async throws {
        let clock = TCP.Clock()
        let tokens = [try TCP.token("ci", expires: WallTime(milliseconds: 1000)), try TCP.token("other")]
        try await TCP.run(tokens, clock: clock) { test, tcp async throws in
            clock.set(999)
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: tcp).status == 200)
            clock.set(1000)
            let reply = try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: tcp)
            #expect(reply.status == 401)
            #expect(try reply.problem.detail.hasPrefix("The token ci has expired at 1970-01-01T00:00:01.000Z;"))
            #expect(try await test.ask(.GET, "/v1/status", headers: TCP.bearer("other"), over: tcp).status == 200)
        }
    }

    @Test func withoutAnyToken_OnlyHealthAndThePageAreServed() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let isOpen = { (path: String) in path == "/healthz" || path == "/" || path.hasPrefix("/page/") }
            for route in RouteTable.all.routes where !isOpen(route.path) {
                let method = HTTPMethod(rawValue: route.method.rawValue)
                let reply = try await test.ask(method, route.path.filter { !"{}".contains($0) }, over: tcp)
                #expect(reply.status == 401, "\(method) \(route.path)")
            }
            #expect(try await test.ask(.GET, "/nowhere", over: tcp).status == 401)
            let shown = try await test.ask(.GET, "/v1/status", headers: TCP.bearer("ci"), over: tcp)
            #expect(try shown.problem.detail.contains("There is no token yet, so only /healthz is answered"))
            #expect(try await test.ask(.GET, "/healthz", over: tcp).text == #"{"status":"ok"}"#)
        }
    }

    @Test(arguments: ["localhost", "LOCALHOST:1", "127.0.0.1:8377", "127.9.9.9", "[::1]", "[::1]:99", "[0:0::1]:99"])
    func hostOfThisHost_IsAnswered(_ host: String) async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            #expect(try await test.ask(.GET, "/healthz", headers: ["host": host], over: tcp).status == 200)
        }
    }

    /// DNS rebinding: the page of another site reaches this host, but cannot hide the site's name.
    @Test(arguments: [
        "evil.example", "evil.example:8377", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.1", "::1",
        "[::2]", "0.0.0.0", "127.1", "localhost:", "localhost:x", "localhost:99999", "127.0.0.1@evil.example", "[::1",
        "user@localhost",
    ])
    func hostOfAnother_IsRefused(_ host: String) async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            var headers = TCP.bearer("ci")
            headers.add(name: "host", value: host)
            for path in ["/healthz", "/v1/status"] {
                #expect(try await test.ask(.GET, path, headers: headers, over: tcp).status == 421)
            }
        }
    }

    @Test(arguments: [
        ("", "400"), ("Host: localhost\r\nHost: evil.example\r\n", "400"), ("Host:\r\n", "421"),
    ])
    func hostThatIsMissingOrDouble_IsRefused(_ header: String, _ status: String) async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            let said = try await test.say("GET /healthz HTTP/1.1\r\n\(header)Connection: close\r\n\r\n", over: tcp)
            #expect(said.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test func otherOrigins_AreNeverGivenLeave() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            var headers = TCP.bearer("ci")
            headers.add(name: "origin", value: "https://evil.example")
            headers.add(name: "access-control-request-method", value: "POST")
            for (method, path) in [
                (HTTPMethod.GET, "/healthz"), (.GET, "/v1/status"), (.OPTIONS, "/v1/webhooks"), (.OPTIONS, "/healthz"),
                (.POST, "/v1/config/reload"),
            ] {
                let reply = try await test.ask(method, path, headers: headers, over: tcp)
                #expect(reply.status == (method == .OPTIONS ? 405 : 200))
                #expect(!reply.headers.contains { $0.name.lowercased().hasPrefix("access-control-") })
            }
        }
    }

    /// No GET changes anything, whoever asks.
    @Test func get_ChangesNothing() async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            for route in RouteTable.all.routes where route.path != "/v1/events/stream" {
                let path = route.path.filter { !"{}".contains($0) }
                try await test.ask(.GET, path, headers: TCP.bearer("ci"), over: tcp)
            }
            test.agent.change { #expect($0.audit.isEmpty) }
        }
    }

    @Test func limits_AreThoseOfTheSocket() async throws {
        var limits = ControlLimits()
        limits.bodyTime = .milliseconds(20)
        try await TCP.run([try TCP.token("ci")], limits: limits) { test, tcp async throws in
            let head = "POST /v1/webhooks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret of ci\r\n"
            let json = "Content-Type: application/json\r\n"
            let large = try await test.say("\(head)\(json)Content-Length: 65537\r\n\r\n", over: tcp)
            #expect(large.hasPrefix("HTTP/1.1 413 "))
            let slow = try await test.say("\(head)\(json)Content-Length: 9\r\n\r\n{", over: tcp)
            #expect(slow.hasPrefix("HTTP/1.1 408 "))
            let long = String(repeating: "a", count: 20_000)
            #expect(try await test.say("\(head)X: \(long)\r\n\r\n", over: tcp).hasPrefix("HTTP/1.1 400 "))
        }
    }

    /// Who has shown nothing is a stranger; who has shown a token leaves the room to others.
    @Test func connectionsWithoutAToken_AreCountedAsStrangers() async throws {
        var limits = ControlLimits()
        limits.connectionsOfStrangers = 2
        try await TCP.run([try TCP.token("ci")], limits: limits) { test, tcp async throws in
            let known = try await test.connection(over: tcp)
            try await known.executeThenClose { inbound, outbound async throws in
                let request = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret of ci\r\n\r\n"
                try await outbound.write(.init(string: request))
                var answers = inbound.makeAsyncIterator()
                #expect(try await answers.next() != nil)
                let strangers = [try await test.connection(over: tcp), try await test.connection(over: tcp)]
                let said = try await test.say("", over: tcp)
                #expect(said.hasPrefix("HTTP/1.1 503 "))
                #expect(test.server.connections.strangers == 2)
                #expect(test.server.connections.all == 3)
                for stranger in strangers { try await stranger.end() }
            }
        }
    }
}
