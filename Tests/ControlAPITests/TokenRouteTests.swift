import Core
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct TokenRouteTests {
    @Test func newToken_IsShownOnce_AndTheAgentGetsItsDigest() async throws {
        try await TestServer.run { test async throws in
            let body = #"{"name": "é/1", "permissions": ["device.view"]}"#
            let made = try await test.ask(.POST, "/v1/tokens", json: body)
            #expect(made.status == 201)
            #expect(made.headers["location"] == ["/v1/tokens/%C3%A9%2F1"])
            #expect(made.headers["cache-control"] == ["no-store"])
            let token: NewTokenView = try made.decoded()
            #expect(token.token.wholeMatch(of: /plughook_[A-Za-z0-9_-]{43}/) != nil)
            test.agent.change {
                #expect($0.digest == TokenDigest(of: token.token))
                #expect($0.lastBody == Array(body.utf8))
            }
            let listed = try await test.ask(.GET, "/v1/tokens")
            #expect(listed.text == #"{"tokens":[{"name":"é/1","permissions":["device.view"]}]}"#)
            let another: NewTokenView = try await test.ask(.POST, "/v1/tokens", json: body).decoded()
            #expect(another.token != token.token)
        }
    }

    @Test func madeToken_Works_OnceTheAgentServesIt() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let made: NewTokenView = try await test.ask(.POST, "/v1/tokens", json: "{}").decoded()
            let digest = try #require(test.agent.change { $0.digest })
            _ = try await test.serve(
                "127.0.0.1:0", [AccessToken(name: made.name, digest: digest, permissions: [.deviceView])])
            let headers: HTTPHeaders = ["authorization": "Bearer \(made.token)"]
            #expect(try await test.ask(.GET, "/v1/status", headers: headers, over: tcp).status == 200)
        }
    }

    @Test func token_IsRevokedByItsName_AndAnotherIsToldTheNearest() async throws {
        try await TestServer.run(as: TestServer.Peer.admin) { test async throws in
            test.agent.change { $0.tokens = [TokenView(name: "é/1", permissions: [], expires: nil)] }
            #expect(try await test.ask(.DELETE, "/v1/tokens/%C3%A9%2F1").status == 204)
            test.agent.change { #expect($0.audit == ["uid 1000 (anna): revoke é/1"]) }
            let unknown = try await test.ask(.DELETE, "/v1/tokens/cy")
            #expect(unknown.status == 404)
            #expect(try unknown.problem.detail == "There is no token cy. Did you mean ci?")
        }
    }

    @Test func agentsRefusal_LeavesNoToken() async throws {
        try await TestServer.run { test async throws in
            let fault = FaultView(pointer: "/name", line: 1, column: 9, problem: "is empty", advice: "give one")
            test.agent.change { $0.refusal = .invalid([fault]) }
            let reply = try await test.ask(.POST, "/v1/tokens", json: "{}")
            #expect(reply.status == 422)
            #expect(try reply.problem.faults == [fault])
            #expect(!reply.text.contains("plughook_"))
        }
    }
}
