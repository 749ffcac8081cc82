import Core
import TestSupport
import Testing

@testable import Sensors

@Suite struct AppiumWatcherTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)
    private let one = #"{"value": [{"id": "s", "capabilities": {"udid": "P"}}]}"#
    private let forbidden = #"{"value": {"error": "unknown error", "message": "feature 'session_discovery' is off"}}"#
    private let session = AppiumSession(id: "s", udid: "P")

    private func watcher(_ server: String = "http://127.0.0.1:4723") -> AppiumWatcher {
        AppiumWatcher(server: server, at: start, random: SeededGenerator(seed: 1))
    }

    private func answer(
        _ watcher: inout AppiumWatcher, _ status: Int?, _ body: String = "", why: String = "", at now: MonotonicTime
    ) -> AppiumWatcher.Report? { watcher.answered(status, Array(body.utf8), why: why, at: now) }

    @Test func asksAtOnce_AndAgainAfterEachAnswer() throws {
        var watcher = watcher()
        #expect(watcher.nextDeadline == start)
        #expect(watcher.question(at: start) == "http://127.0.0.1:4723/appium/sessions")
        #expect(watcher.nextDeadline == nil, "one question at a time")
        #expect(watcher.question(at: start + .seconds(60)) == nil)
        let session = try #require(session)
        #expect(answer(&watcher, 200, one, at: start + .seconds(1)) == .found([session]))
        #expect((watcher.problem, watcher.sessionCount) == (nil, 1))
        #expect(watcher.nextDeadline == start + .seconds(3))
        #expect(watcher.question(at: start + .milliseconds(2_999)) == nil)
        #expect(watcher.question(at: start + .seconds(3)) != nil)
        #expect(answer(&watcher, 200, one, at: start + .seconds(3)) == .sessions([session]))
    }

    @Test(arguments: ["http://h:4723/wd/hub", "http://h:4723/wd/hub/"]) func basePath_IsKept(server: String) {
        var watcher = watcher(server)
        #expect(watcher.question(at: start) == "http://h:4723/wd/hub/appium/sessions")
        #expect(watcher.server == server)
    }

    @Test func olderServer_IsAskedForItsOwnList_AndKeptToIt() throws {
        var watcher = watcher()
        _ = watcher.question(at: start)
        #expect(answer(&watcher, 404, at: start) == nil)
        #expect(watcher.question(at: start) == "http://127.0.0.1:4723/sessions", "at once")
        #expect(answer(&watcher, 200, one, at: start) == .found([try #require(session)]))
        #expect(watcher.question(at: start + .seconds(2)) == "http://127.0.0.1:4723/sessions")
    }

    @Test func serverThatMayNotTell_IsAskedForTheOtherList_ThenToldHow() {
        var watcher = watcher()
        _ = watcher.question(at: start)
        #expect(answer(&watcher, 500, forbidden, at: start) == nil)
        _ = watcher.question(at: start)
        guard case .lost(let why) = answer(&watcher, 404, at: start) else { return #expect(Bool(false), "it is lost") }
        #expect(why.contains("--allow-insecure=*:session_discovery"))
        #expect(watcher.problem == why)
    }

    @Test func stranger_WithNeitherList_IsToldToLackThem() {
        var watcher = watcher()
        _ = watcher.question(at: start)
        #expect(answer(&watcher, 404, at: start) == nil)
        _ = watcher.question(at: start)
        #expect(
            answer(&watcher, 404, at: start)
                == .lost(why: "it has no list of sessions there: the url needs Appium's base path, if it has one"))
    }

    @Test func loss_IsToldOnce_AskedOn_AndOver() throws {
        var watcher = watcher()
        _ = watcher.question(at: start)
        _ = answer(&watcher, 200, one, at: start)
        var now = start
        var waits: [Duration] = []
        for round in 1...8 {
            now = try #require(watcher.nextDeadline)
            _ = watcher.question(at: now)
            let report = answer(&watcher, nil, why: "connection refused", at: now)
            #expect(report == (round == 1 ? .lost(why: "connection refused") : nil))
            #expect((watcher.problem, watcher.sessionCount) == ("connection refused", 0))
            waits.append(try #require(watcher.nextDeadline) - now)
        }
        #expect(waits.allSatisfy { (.seconds(2)...(.seconds(10))).contains($0) })
        #expect(waits.suffix(3).allSatisfy { $0 >= .seconds(5) }, "it grows: \(waits)")
        now = try #require(watcher.nextDeadline)
        #expect(watcher.question(at: now) == "http://127.0.0.1:4723/appium/sessions")
        #expect(answer(&watcher, 200, one, at: now) == .found([try #require(session)]))
        #expect(watcher.nextDeadline == now + .seconds(2))
    }

    /// The server was replaced by a newer one, which has the other list.
    @Test func listThatIsGone_IsLookedForAnew() {
        var watcher = watcher()
        _ = watcher.question(at: start)
        _ = answer(&watcher, 404, at: start)
        _ = watcher.question(at: start)
        _ = answer(&watcher, 200, one, at: start)
        _ = watcher.question(at: start + .seconds(2))
        guard case .lost = answer(&watcher, 404, at: start + .seconds(2)) else {
            return #expect(Bool(false), "it is lost")
        }
        #expect(watcher.question(at: start + .seconds(60)) == "http://127.0.0.1:4723/appium/sessions")
    }
}
