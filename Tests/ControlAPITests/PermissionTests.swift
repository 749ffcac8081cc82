import Core
import Glibc
import HTTPTypes
import Linux
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct PermissionTests {
    private typealias Peer = TestServer.Peer

    /// Every route is asked for; only whether it is refused counts.
    private func refused(_ peer: PeerCredentials) async throws -> Set<String> {
        let routes = RouteTable.all.routes.filter { $0.path != "/v1/events/stream" }
        var refused: Set<String> = []
        try await TestServer.run(as: peer) { test async throws in
            for route in routes {
                let path = route.path.replacing("{udid}", with: "x").replacing("{id}", with: "1")
                    .replacing("{name}", with: "ci").replacing("{file}", with: "main.js")
                let reply = try await test.ask(HTTPMethod(rawValue: route.method.rawValue), path)
                if reply.status == 403 { refused.insert("\(route.method.rawValue) \(route.path)") }
            }
        }
        return refused
    }

    private func routes(_ isMeant: (Permission?) -> Bool) -> Set<String> {
        Set(
            RouteTable.all.routes.filter { isMeant($0.permission) && $0.path != "/v1/events/stream" }
                .map { "\($0.method.rawValue) \($0.path)" })
    }

    @Test func rootAndAdministrators_AreRefusedNothing() async throws {
        #expect(try await refused(Peer.root).isEmpty)
        #expect(try await refused(Peer.admin).isEmpty)
    }

    @Test func viewers_MayLookAndChangeNothing() async throws {
        let refused = try await refused(Peer.viewer)
        #expect(refused == routes { $0 == .orgSettingModify || $0 == .deliveryManage })
        #expect(refused.count == 20)
    }

    @Test func strangers_MayAskForHealthAndTheDescription() async throws {
        #expect(try await refused(Peer.stranger) == routes { $0 != nil })
        let ofThePage = ["GET /", "GET /page/{file}"] + ["GET", "POST", "DELETE"].map { "\($0) /page/session" }
        #expect(routes { $0 == nil } == Set(["GET /healthz", "GET /v1/openapi.json"] + ofThePage))
    }

    @Test func refusal_NamesTheGroupThatMay() async throws {
        try await TestServer.run(as: Peer.stranger) { test async throws in
            let look = try await test.ask(.GET, "/v1/events/stream").problem
            #expect(look.detail.contains("usermod -aG plughook-view NAME"))
            let change = try await test.ask(.POST, "/v1/config/reload").problem
            #expect(change.detail.contains("uid 1002 has not the permission org_setting.modify"))
            #expect(change.detail.contains("plughook-admin"))
        }
    }

    /// Whoever is not root gives a URL of his own beside the place of a secret.
    @Test func rootAlone_MayHaveSecretsTakenFromAnywhere() async throws {
        for (peer, mayNameAnyPlace) in [(Peer.root, true), (Peer.admin, false)] {
            try await TestServer.run(as: peer) { test async throws in
                #expect(try await test.ask(.POST, "/v1/webhooks", json: "{}").status == 201)
                let editors = test.agent.change { $0.editors }
                #expect(editors.map(\.mayNameAnyPlace) == [mayNameAnyPlace])
            }
        }
    }

    @Test func viewers_SeeTheHostOfAWebhookOnly() async throws {
        for (peer, url) in [
            (Peer.viewer, "https://ci.example.com:8443/…"), (Peer.admin, WebhookView.sample().url),
        ] {
            try await TestServer.run(as: peer) { test async throws in
                test.agent.change { $0.webhooks = [.sample()] }
                let one: WebhookView = try await test.ask(.GET, "/v1/webhooks/129").decoded()
                let all: [String: [WebhookView]] = try await test.ask(.GET, "/v1/webhooks").decoded()
                #expect(one.url == url)
                #expect(all["webhooks"]?.map(\.url) == [url])
            }
        }
    }

    /// With what the kernel says of this very process.
    @Test func realCredentials_AreReadFromTheSocket() async throws {
        let seen = Seen()
        var seams = ControlServer.Seams(access: Access(adminGroup: getgid(), viewGroup: nil, agentUser: 77))
        seams.credentials = { descriptor throws(SystemError) in
            let peer = try PeerCredentials(socket: descriptor)
            seen.peers.withLock { $0.append(peer) }
            return peer
        }
        try await TestServer.run(seams: seams) { test async throws in
            #expect(try await test.ask(.POST, "/v1/config/reload").status == 200)
        }
        var groups = [gid_t](repeating: 0, count: Int(getgroups(0, nil)))
        getgroups(Int32(groups.count), &groups)
        let me = PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid(), groups: groups.sorted())
        var peers = seen.peers.withLock { $0 }
        for index in peers.indices { peers[index].groups.sort() }
        #expect(peers == [me])
    }

    private final class Seen: Sendable {
        let peers = Locked<[PeerCredentials]>([])
    }
}
