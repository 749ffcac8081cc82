import Foundation
import NIOHTTP1
import Testing

@testable import ControlAPI

@Suite struct RouteTests {
    @Test func everyRoute_Answers() async throws {
        try await TestServer.run(as: TestServer.Peer.admin) { test async throws in
            test.agent.change {
                $0.devices = [.sample("a", status: "unplugged"), .sample("b")]
                $0.history = [.sample(1)]
                $0.webhooks = [.sample()]
                $0.deliveries = [.sample("d1")]
            }
            #expect(try await test.ask(.GET, "/healthz").text == #"{"status":"ok"}"#)
            #expect(try await test.ask(.GET, "/readyz").text == #"{"status":"ready"}"#)
            let metrics = try await test.ask(.GET, "/metrics")
            #expect(metrics.text.hasSuffix("plughook_events_total 3\n"))
            #expect(metrics.headers["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            let status: StatusView = try await test.ask(.GET, "/v1/status").decoded()
            #expect(status.host == "rack-3")
            #expect(try await test.ask(.GET, "/v1/devices/b").decoded(DeviceView.self).udid == "b")
            #expect(try await test.ask(.DELETE, "/v1/devices/a").status == 204)
            #expect(try await test.ask(.GET, "/v1/deliveries/d1").decoded(DeliveryView.self).id == "d1")
            #expect(try await test.ask(.GET, "/v1/config").text == #"{ "orgId": 2 }"#)
            #expect(try await test.ask(.POST, "/v1/config/reload").decoded(ReloadView.self).isInForce)
            #expect(try await test.ask(.GET, "/v1/audit?before=7&limit=5").decoded(AuditPage.self).next == 7)
            #expect(try await test.ask(.GET, "/v1/openapi.json").status == 200)
            #expect(try await test.ask(.GET, "/v1/webhooks/129/match").decoded(MatchView.self).others == 3)
            #expect(try await test.ask(.GET, "/v1/webhooks/130/match").status == 404)
            let preview = try await test.ask(.GET, "/v1/webhooks/129/preview?event=unplugged&device=a")
            #expect(try preview.decoded(PreviewView.self).body.hasSuffix(" unplugged a"))
            #expect(
                try await test.ask(.GET, "/v1/webhooks/129/preview").decoded(PreviewView.self).body.hasSuffix(
                    " offline -"))
            #expect(try await test.ask(.GET, "/v1/webhooks/129/preview?event=gone").status == 400)
            #expect(try await test.ask(.GET, "/v1/webhooks/130/preview").status == 404)
            for action in ["test", "suspend", "resume"] {
                #expect(try await test.ask(.POST, "/v1/webhooks/129/\(action)").status == 200)
            }
            let who = "uid 1000 (anna)"
            test.agent.change {
                #expect(
                    $0.audit == [
                        "\(who): forget a", "\(who): reload", "\(who): test 129", "\(who): suspend 129",
                        "\(who): resume 129",
                    ])
            }
        }
    }

    @Test func absence_IsExpected_AndExpectedNoLonger_UnderEitherSpelling() async throws {
        try await TestServer.run { test async throws in
            let udid = "00008020-001A2D3E4F50601E"
            test.agent.change { $0.devices = [.sample(udid, platform: "ios")] }
            let path = "/v1/devices/00008020001a2d3e4f50601e/expect-absence"
            let expected: DeviceView = try await test.ask(.POST, path, json: #"{"seconds":60}"#).decoded()
            #expect(expected.udid == udid && expected.expectedAbsence?.reason == "flashing")
            let cancelled: DeviceView = try await test.ask(.DELETE, path).decoded()
            #expect(cancelled.udid == udid && cancelled.expectedAbsence == nil)
            test.agent.change {
                #expect(String(decoding: $0.lastBody, as: UTF8.self) == #"{"seconds":60}"#)
                let who = "uid 0"
                #expect($0.audit == ["\(who): expect absence of \(udid)", "\(who): cancel absence of \(udid)"])
            }
            #expect(try await test.ask(.POST, path).status == 415)
            #expect(try await test.ask(.GET, path).status == 405)
            let other = "/v1/devices/x/expect-absence"
            #expect(try await test.ask(.POST, other, json: "{}").status == 404)
            #expect(try await test.ask(.DELETE, other).status == 404)
        }
    }

    @Test func readiness_IsThePhase() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.phase = "starting" }
            let reply = try await test.ask(.GET, "/readyz")
            #expect(reply.status == 503)
            #expect(try reply.problem.detail.contains("starting"))
            #expect(try await test.ask(.GET, "/healthz").status == 200)
        }
    }

    @Test func devices_AreFiltered() async throws {
        try await TestServer.run { test async throws in
            test.agent.change {
                $0.devices = [.sample("a"), .sample("b", status: "offline"), .sample("c", platform: "ios")]
            }
            // One without an identity has a platform, and no status.
            let nameless = UnidentifiedView(
                port: "1-9", idPath: nil, platform: "ios", product: nil, reason: "noSerial")
            test.agent.change { $0.unidentified = [nameless] }
            func listed(_ query: String) async throws -> [String] {
                let list = try await test.ask(.GET, "/v1/devices\(query)").decoded(DeviceList.self)
                return list.devices.map(\.udid) + list.unidentified.map(\.port)
            }
            #expect(try await listed("") == ["a", "b", "c", "1-9"])
            #expect(try await listed("?status=online") == ["a", "c"])
            #expect(try await listed("?platform=android") == ["a", "b"])
            #expect(try await listed("?platform=ios") == ["c", "1-9"])
            #expect(try await listed("?status=online&platform=ios") == ["c"])
        }
    }

    @Test func device_IsFoundByWhatPeopleType() async throws {
        try await TestServer.run { test async throws in
            test.agent.change {
                $0.devices = [.sample("00008030-001A2B3C4D5E6F70", platform: "ios"), .sample("r58m")]
            }
            #expect(try await test.ask(.GET, "/v1/devices/00008030001a2b3c4d5e6f70").status == 200)
            // A part of it; a letter wrong; two letters swapped in the name.
            for text in ["R58", "r59m", "Phoen-r58m"] {
                let reply = try await test.ask(.GET, "/v1/devices/\(text)")
                #expect(reply.status == 404)
                #expect(try reply.problem.detail == "There is no device \(text). Did you mean r58m (Phone r58m)?")
            }
            let stranger = try await test.ask(.GET, "/v1/devices/something-else")
            #expect(try stranger.problem.detail.hasSuffix("List them to see which there are."))
        }
    }

    @Test func events_ArePagedBothWays() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.history = (1...5).map { .sample($0, udid: $0 == 3 ? "b" : "a") } }
            func numbers(_ query: String) async throws -> [Int64] {
                try await test.ask(.GET, "/v1/events\(query)").decoded(EventPage.self).events.map(\.number)
            }
            #expect(try await numbers("?after=2&limit=2") == [3, 4])
            #expect(try await numbers("?before=4") == [3, 2, 1])
            #expect(try await numbers("?limit=1") == [5])
            #expect(try await numbers("?device=b") == [3])
            #expect(try await test.ask(.GET, "/v1/events?after=1&before=2").status == 400)
        }
    }

    @Test func deliveries_AreFiltered() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.deliveries = [.sample("d1"), .sample("d2", state: "delivered")] }
            let query = "?webhook=129&device=a&state=delivered&before=9&limit=10"
            let page: DeliveryPage = try await test.ask(.GET, "/v1/deliveries\(query)").decoded()
            #expect(page.deliveries.map(\.id) == ["d2"])
        }
    }

    @Test(arguments: [
        ("since=2026-01-01T00:00:00Z", 1), ("since=2026-01-01T00:00:00.001Z", 0), ("until=2026-01-01T00:00:00Z", 0),
        ("until=2026-01-01T00:00:00.001Z", 1), ("since=2026-01-01T02:00:00+02:00&until=2025-12-31T23:00:00-01:30", 1),
    ])
    func deliveries_AreThoseOfATime(_ query: String, _ count: Int) async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.deliveries = [.sample("d1")] }
            let page: DeliveryPage = try await test.ask(.GET, "/v1/deliveries?\(query)").decoded()
            #expect(page.deliveries.count == count)
        }
    }

    @Test func webhooks_AreEditedUnderTheirTag() async throws {
        try await TestServer.run { test async throws in
            let made = try await test.ask(.POST, "/v1/webhooks", json: "{}")
            #expect(made.status == 201)
            #expect(made.headers["location"] == ["/v1/webhooks/130"])
            #expect(made.headers["etag"] == [#""t1""#])
            let shown = try await test.ask(.GET, "/v1/webhooks/130")
            #expect(shown.headers["etag"] == [#""t1""#])
            for tag in [#""t1""#, "t1", "*"] {
                let reply = try await test.ask(.PUT, "/v1/webhooks/130", json: "{}", headers: ["if-match": tag])
                #expect(reply.status == 200)
            }
            let merge = "application/merge-patch+json"
            #expect(try await test.ask(.PATCH, "/v1/webhooks/130", json: "{}", type: merge).status == 200)
            for tag in [#""t0""#, #"W/"t1""#] {
                let reply = try await test.ask(.PATCH, "/v1/webhooks/130", json: "{}", headers: ["if-match": tag])
                #expect(reply.status == 412)
                #expect(try await test.ask(.DELETE, "/v1/webhooks/130", headers: ["if-match": tag]).status == 412)
            }
            #expect(try await test.ask(.DELETE, "/v1/webhooks/130").text == #"{"cancelled":3}"#)
        }
    }

    @Test func webhookByName_IsToldItsNumber() async throws {
        try await TestServer.run { test async throws in
            test.agent.change { $0.webhooks = [.sample()] }
            let reply = try await test.ask(.GET, "/v1/webhooks/CI")
            #expect(reply.status == 404)
            #expect(try reply.problem.detail.hasSuffix("Did you mean 129?"))
        }
    }

    @Test func head_IsGetWithoutTheBody() async throws {
        try await TestServer.run { test async throws in
            for path in ["/healthz", "/v1/events/stream", "/nowhere"] {
                let reply = try await test.ask(.HEAD, path)
                #expect(reply.status == (path == "/nowhere" ? 404 : 200))
                #expect(reply.body.isEmpty)
            }
            await test.agent.until { $0.subscribers.isEmpty }
        }
    }
}
