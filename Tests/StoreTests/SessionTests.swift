import Core
import TestSupport
import Testing

@testable import Store

/// Who has which phone, over a restart of the agent and of its host.
@Suite struct SessionTests {
    let directory: TemporaryDirectory
    let store: StateStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(directory: directory.state)
    }

    private func commit(_ change: (inout Changes) -> Void) throws {
        var changes = Changes()
        change(&changes)
        try store.commit(changes)
    }

    /// A session that was started at `ClockReading.start`, and is as it was 60 s later, when it had a heartbeat.
    private func stored(
        _ id: String = "s", binding: SessionBinding = .lease, timeToLive: Duration? = .seconds(900),
        last: Duration? = .seconds(3_600), idle: Duration? = .seconds(960), at now: ClockReading = .start.after(60)
    ) -> StoredSession {
        let start = ClockReading.start.monotonic
        return StoredSession(
            Session(
                id: SessionID(id), owner: "CI ✓", startedBy: "uid 1000 (anna)", kind: .cleanup,
                labels: ["job": "a/b", "": "\"'"], isExclusive: true, binding: binding, startedAt: start,
                timeToLive: timeToLive, lastDeadline: last.map { start + $0 }, idleDeadline: idle.map { start + $0 }),
            on: .phone, at: now)
    }

    @Test(arguments: [
        SessionBinding.lease, .connection, .observed(by: "appium http://127.0.0.1:4723"),
        .process(BoundProcess(pid: 4_194_304, startTime: .max)), .process(BoundProcess(pid: 1, startTime: 0)),
    ])
    func session_ComesBackWhole(binding: SessionBinding) throws {
        let all = stored(binding: binding)
        let bare = stored("t", binding: binding, timeToLive: nil, last: nil, idle: nil)
        try commit {
            $0.keep(all)
            $0.keep(bare)
        }
        #expect(try store.whole().sessions == [all, bare])
    }

    @Test func heartbeat_MovesTheDeadlines_andNothingElse() throws {
        try commit { $0.keep(stored()) }
        // The wall clock was set forward by a day meanwhile: the start is the one that was told.
        let later = ClockReading.start.after(120, wall: 86_520)
        try commit { $0.keep(stored(idle: .seconds(1_020), at: later)) }
        let kept = try #require(try store.whole().sessions.first)
        #expect(kept.startedAt == ClockReading.start.wall)
        #expect(kept.longest == .seconds(3_600))
        #expect(kept.idle?.wall == later.wall + .seconds(900))
        #expect(kept.last?.boot == ClockReading.start.boot + .seconds(3_600))
    }

    // MARK: - Deadlines

    /// The agent was away for 100 s; the wall clock jumped as well.
    @Test(arguments: [100, 100 + 86_400, 100 - 86_400]) func sameBoot_GoesByTheBootClock(wall: Int64) {
        let now = ClockReading.start.after(160, wall: 60 + wall)
        let session = stored().restored(at: now, isNewBoot: false).session
        #expect(session.idleDeadline == now.monotonic + .seconds(800))
        #expect(session.lastDeadline == now.monotonic + .seconds(3_440))
    }

    @Test func anotherBoot_GoesByTheWallClock() {
        let now = ClockReading.booted(wall: 160)
        let session = stored().restored(at: now, isNewBoot: true).session
        #expect(session.idleDeadline == now.monotonic + .seconds(800))
        #expect(session.lastDeadline == now.monotonic + .seconds(3_440))
        #expect(session.startedAt + .seconds(160) == now.monotonic)
    }

    @Test func anotherBoot_WhatIsOver_IsDueAtOnce() {
        let now = ClockReading.booted(wall: 86_400)
        let session = stored().restored(at: now, isNewBoot: true).session
        #expect(session.idleDeadline == now.monotonic)
        #expect(session.lastDeadline == now.monotonic)
    }

    /// A host without a clock of its own starts in 1970 until the network is there.
    @Test func anotherBoot_WithTheClockSetBack_HoldsNothingForEver() {
        let now = ClockReading.booted(wall: -1_000_000_000)
        let session = stored().restored(at: now, isNewBoot: true).session
        #expect(session.idleDeadline == now.monotonic + .seconds(900))
        #expect(session.lastDeadline == now.monotonic + .seconds(3_600))
        #expect(session.startedAt == now.monotonic)
    }

    /// The clock was set back by a day before its last heartbeat: the deadline is before the start, and still an hour away.
    @Test func wallClockSetBack_DuringTheSession_DoesNotEndIt() throws {
        try commit { $0.keep(stored()) }
        let heartbeat = ClockReading.start.after(120, wall: 120 - 86_400)
        try commit { $0.keep(stored(idle: .seconds(1_020), at: heartbeat)) }
        let kept = try #require(try store.whole().sessions.first)
        let now = ClockReading.booted(wall: 160 - 86_400)
        let session = kept.restored(at: now, isNewBoot: true).session
        #expect(session.lastDeadline == now.monotonic + .seconds(3_440))
        #expect(session.idleDeadline == now.monotonic + .seconds(860))
    }

    /// What it is bound to was not to be seen: the next run gives it a time of its own.
    @Test func deadlineThatNoHeartbeatMoves_IsNotKept() {
        let now = ClockReading.start.after(60)
        let lost = stored(binding: .connection, timeToLive: nil, idle: .seconds(65))
        #expect(lost.idle == nil)
        #expect(lost.restored(at: now, isNewBoot: false).session.idleDeadline == nil)
    }

    // MARK: - End

    private let ending = SessionEnding(reason: .deviceUnplugged, at: .sample)

    @Test func ended_IsNotLive_andIsKept() async throws {
        try commit { $0.keep(stored()) }
        try commit { $0.end(SessionID("s"), ending) }
        #expect(try store.whole().sessions.isEmpty)
        let history = try History(of: store)
        #expect(try await history.session(SessionID("s")) == SessionHistory(session: stored(), ending: ending))
        #expect(try await history.session(SessionID("t")) == nil)
    }

    @Test func endsOnce_withTheFirstReason() async throws {
        try commit { $0.keep(stored()) }
        try commit { $0.end(SessionID("s"), ending) }
        try commit { $0.end(SessionID("s"), SessionEnding(reason: .expired, at: .sample.after(.seconds(1)))) }
        #expect(try await History(of: store).session(SessionID("s"))?.ending == ending)
    }

    @Test func seenAgain_LivesAnew_underItsOldName() async throws {
        try commit { $0.keep(stored(binding: .observed(by: "a"))) }
        try commit { $0.end(SessionID("s"), ending) }
        let again = stored(binding: .observed(by: "b"), at: .start.after(60, wall: 7_000))
        try commit { $0.keep(again) }
        #expect(try store.whole().sessions == [again])
        #expect(try await History(of: store).session(SessionID("s"))?.ending == nil)
    }

    @Test(arguments: [false, true]) func oneTurn_KeepsTheOrderOfEndAndStart(isMerged: Bool) throws {
        try commit { $0.keep(stored("restarted")) }
        var changes = Changes()
        changes.end(SessionID("restarted"), ending)
        changes.keep(stored("brief"))
        var later = isMerged ? Changes() : changes
        later.keep(stored("restarted"))
        later.end(SessionID("brief"), ending)
        try store.commit(isMerged ? changes.followed(by: later) : later)
        #expect(try store.whole().sessions.map(\.id) == [SessionID("restarted")])
    }

    /// A watcher's session that has gone to another watcher's server within one batch, because the disk refused meanwhile.
    @Test func restartedInOneTurn_IsTheNewOne() throws {
        try commit { $0.keep(stored(binding: .observed(by: "a"))) }
        let again = stored(binding: .observed(by: "b"))
        try commit {
            $0.end(SessionID("s"), ending)
            $0.keep(again)
        }
        #expect(try store.whole().sessions == [again])
    }

    // MARK: - Damage

    @Test(arguments: [
        "UPDATE session SET labels = '[]'", "UPDATE session SET binding = 'process', pid = NULL",
        "UPDATE session SET binding = 'observed'", "UPDATE session SET labels = '{'",
    ])
    func damagedRow_IsAnError_notACrash(damage: String) throws {
        try commit { $0.keep(stored()) }
        try directory.tamper(damage)
        #expect(throws: StoreError.self) { try store.whole() }
    }
}

extension ClockReading {
    fileprivate static let start = ClockReading(
        monotonic: MonotonicTime(nanoseconds: 5_000_000_000_000), boot: BootTime(nanoseconds: 7_000_000_000_000),
        wall: .sample)

    /// So many seconds after that; by the wall clock so many, if it was set.
    fileprivate func after(_ seconds: Int64, wall: Int64? = nil) -> ClockReading {
        ClockReading(
            monotonic: monotonic + .seconds(seconds), boot: boot + .seconds(seconds),
            wall: self.wall + .seconds(wall ?? seconds))
    }

    /// Shortly after another boot, so many seconds after the start by the wall clock.
    fileprivate static func booted(wall: Int64) -> ClockReading {
        ClockReading(
            monotonic: MonotonicTime(nanoseconds: 9_000_000_000), boot: BootTime(nanoseconds: 9_000_000_000),
            wall: start.wall + .seconds(wall))
    }
}
