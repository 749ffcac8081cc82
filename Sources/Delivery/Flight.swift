internal import Core

/// An attempt under way.
struct Flight {
    let pending: PendingCallback
    let startedAt: WallTime
    let started: MonotonicTime

    var lane: Lane { pending.callback.lane }
    /// Which attempt of this callback it is, from 1.
    var number: Int { pending.attempts &+ 1 }

    /// How long a callback's first attempt has waited for its beginning; nil for a later attempt, and for one of a callback
    /// that was on disk before the start.
    var waitSinceCommit: Duration? { number == 1 ? pending.committedAt.map { started - $0 } : nil }

    /// The attempt to be recorded, once it has ended.
    func attempt(_ end: Transfer.End, now: MonotonicTime, _ consequence: Consequence) -> Attempt {
        Attempt(
            callback: pending.callback.id, number: number, startedAt: startedAt, outcome: end.outcome,
            statusCode: end.statusCode, detail: end.detail, duration: now - started, wireSends: end.wireSends,
            phases: end.phases, address: end.address, answer: end.outcome == .accepted ? [] : end.answer,
            consequence: consequence)
    }
}
