import Core
import TestSupport
import Testing

@testable import Store

/// Who is signed in to the page, over a restart of the agent.
@Suite struct PageSessionTests {
    let directory: TemporaryDirectory
    let store: StateStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
    }

    private func session(
        _ number: UInt8, permissions: Set<Permission> = [.deviceView], ends: Int64 = 1_000
    ) throws -> PageSession {
        PageSession(
            digest: try #require(TokenDigest(bytes: Array(repeating: number, count: 32))), uid: .max, user: "ann ✓",
            permissions: permissions, ends: WallTime(milliseconds: ends))
    }

    private func commit(_ change: (inout Changes) throws -> Void) throws {
        var changes = Changes()
        try change(&changes)
        try store.commit(changes)
    }

    @Test func session_ComesBackWhole_TheOldestFirst() throws {
        let sessions = [
            try session(2, permissions: Set(Permission.allCases), ends: 5), try session(1, permissions: [], ends: 7),
        ]
        try commit { changes in for session in sessions.reversed() { changes.keep(session) } }
        // The same again, after an answer that was lost.
        try commit { $0.keep(sessions[0]) }
        #expect(try store.load().pageSessions == sessions)
    }

    @Test func lastWordOfATurn_Holds() throws {
        let (one, other) = (try session(1), try session(2))
        try commit {
            $0.keep(one)
            $0.end(one)
            $0.keep(other)
        }
        #expect(try store.load().pageSessions == [other])
        var first = Changes()
        first.keep(one)
        var second = Changes()
        second.end(one)
        second.end(other)
        try store.commit(first.followed(by: second))
        #expect(try store.load().pageSessions.isEmpty)
    }

    @Test func whatIsOver_IsPruned() throws {
        try commit {
            for number in 1...3 { $0.keep(try session(UInt8(number), ends: Int64(number))) }
        }
        #expect(try store.prune(at: WallTime(milliseconds: 2)) == 2)
        #expect(try store.load().pageSessions == [try session(3, ends: 3)])
    }
}
