package import Core
internal import Glibc
package import Linux

/// The thread that commits, so that the loop never waits for the disk.
///
/// The loop hands over one batch at a time, or other work that needs the store, and takes the answer when `descriptor`
/// is readable. All of it is done in order. Between commits, once it is quiet, the thread shortens the log and the
/// history. It sleeps when there is nothing to do, without a tick.
/// For the thread of the loop.
package final class Committer {
    private let requests: Mailbox<Request>
    private let replies: Mailbox<Answer>
    private var thread: Thread?

    /// What came of one thing that was submitted.
    package enum Answer: Sendable {
        /// With the moment at which the batch was on disk.
        case committed(Result<MonotonicTime, StoreError>)
        case bound(Result<Binding, StoreError>)
        case reserved(Result<WebhookID, StoreError>)
        case renewed(Result<Renewed, StoreError>)
        case contents(Result<[CallbackID: Content], StoreError>)
    }

    fileprivate enum Request: Sendable {
        /// Something has happened that will most likely be committed in a moment, and that much of it is known.
        case prepare(Changes)
        case commit(Changes)
        case bind([(id: Int64?, name: String)], now: WallTime)
        case reserve
        case renew(Redelivery, limit: Int, now: WallTime)
        case contents([CallbackID])
        case stop
    }

    /// When the thread does what is not a commit.
    package struct Rhythm: Hashable, Sendable {
        /// Without a commit for this long, it is quiet: longer than a fast receiver's outcome follows its event.
        package var quiet = Duration.milliseconds(100)
        /// Under a load without pauses it is done between two commits after this long.
        package var patience = Duration.seconds(5)
        /// The history is looked through no more often than this; it grows slowly, and counting it takes a millisecond.
        package var pruneInterval = Duration.seconds(60)
        /// Rows whose pages are worth two more syncs: about 1 MB of log. A log that is short and written over again
        /// commits 1.4 times faster than one that grows.
        package var checkpointRows = 64

        package init() {}
    }

    package init(
        _ store: StateStore, keeping retention: Retention = Retention(), rhythm: Rhythm = Rhythm()
    ) throws(SystemError) {
        let requests = try Mailbox<Request>()
        let replies = try Mailbox<Answer>()
        self.requests = requests
        self.replies = replies
        thread = try Thread(name: "committer") {
            var work = CommitterWork(
                store: store, requests: requests, replies: replies, retention: retention, rhythm: rhythm)
            work.run()
        }
    }

    deinit { stop() }

    /// Readable while there is an answer.
    package var descriptor: Int32 { replies.descriptor }

    /// Says that a batch may follow in a moment: the thread wakes, begins its transaction and writes the devices and events
    /// that are known of it already, so that the loop need not wait for that. The batch is to be submitted whole. When none
    /// follows, the transaction is taken back.
    package func prepare(_ beginning: Changes = Changes()) { requests.send(.prepare(beginning)) }

    /// Hands over what is to be committed; once the answer to the batch before has been taken.
    package func submit(_ changes: Changes) { requests.send(.commit(changes)) }

    /// Has `StateStore.bind` done after what was submitted before: for a configuration that comes into force.
    ///
    /// A batch that was refused before and is submitted again after it can bring callbacks of a webhook that is gone:
    /// they wait until the next binding, unless the loop cancels them. Takes as long as a look at every callback.
    package func submit(bind webhooks: [(id: Int64?, name: String)], now: WallTime) {
        requests.send(.bind(webhooks, now: now))
    }

    /// Has `StateStore.reserveWebhook` done after what was submitted before.
    package func submitReservation() { requests.send(.reserve) }

    /// Has `StateStore.renew` done after what was submitted before.
    package func submit(_ meant: Redelivery, limit: Int, now: WallTime) {
        requests.send(.renew(meant, limit: limit, now: now))
    }

    /// Has `StateStore.contents` done after what was submitted before.
    package func submit(contentsOf ids: [CallbackID]) { requests.send(.contents(ids)) }

    /// One answer to each thing that was submitted, in order. Does not wait.
    package func answers() -> [Answer] { replies.receive() }

    /// Finishes what was submitted, empties the log and ends the thread. Answers can still be taken afterwards.
    package func stop() {
        guard let thread = thread.take() else { return }
        requests.send(.stop)
        thread.join()
    }
}

/// What the committer's thread does, and remembers between two commits.
private struct CommitterWork {
    let store: StateStore
    let requests: Mailbox<Committer.Request>
    let replies: Mailbox<Committer.Answer>
    let retention: Retention
    let rhythm: Rhythm

    typealias Rhythm = Committer.Rhythm

    /// Rows in the log, about. What an agent before has left there counts as enough.
    private var rows: Int
    private var pruneAt: MonotonicTime
    /// When the next piece of housekeeping is due, if any, and since when it has been put off.
    private var tidyAt: MonotonicTime?
    private var busySince: MonotonicTime?
    /// What of the next batch is written already, in a transaction that is open.
    private var begun = Changes()
    /// It could not be prepared; to wait for a lock once more, with the batch itself, is enough.
    private var isRefused = false
    /// There is more history to remove than the last slice did; a commit does not put that off.
    private var isPruning = false
    /// There was no room for a batch: history goes, so that there is some when it comes again.
    private var isInNeed = false

    init(
        store: StateStore, requests: Mailbox<Committer.Request>, replies: Mailbox<Committer.Answer>,
        retention: Retention, rhythm: Rhythm
    ) {
        self.store = store
        self.requests = requests
        self.replies = replies
        self.retention = retention
        self.rhythm = rhythm
        let now = MonotonicTime.now()
        rows = rhythm.checkpointRows
        pruneAt = now
        tidyAt = now + rhythm.patience
    }

    mutating func run() {
        while true {
            if let tidyAt, tidyAt <= .now() { tidy() }
            wait()
            for request in requests.receive() {
                switch request {
                case .prepare(let beginning): prepare(beginning)
                case .commit(let changes): commit(changes)
                case .bind(let webhooks, let now): bind(webhooks, now)
                case .reserve: reserve()
                case .renew(let meant, let limit, let now): renew(meant, limit, now)
                case .contents(let ids):
                    replies.send(.contents(Result { () throws(StoreError) in try store.contents(of: ids) }))
                case .stop:
                    release()
                    // When a reader is in the way, the log stays, and nothing is lost by it.
                    try? store.emptyLog()
                    return
                }
            }
        }
    }

    /// A failure is told by the commit, which begins anew.
    private mutating func prepare(_ beginning: Changes) {
        guard !isRefused else { return }
        do throws(StoreError) {
            begun = try store.prepare(beginning, beyond: begun)
        } catch {
            release()
            isRefused = true
        }
        let released = MonotonicTime.now() + rhythm.quiet
        tidyAt = min(tidyAt ?? released, released)
    }

    /// What was written of a batch is written again with it.
    private mutating func release() {
        store.release()
        begun = Changes()
    }

    private mutating func commit(_ changes: Changes) {
        do throws(StoreError) {
            try store.commit(changes, beyond: begun) { moment in
                replies.send(.committed(.success(moment)))
                // For what is left to do here nobody waits.
                if !changes.callbacks.isEmpty { Thread.yield() }
            }
        } catch {
            replies.send(.committed(.failure(error)))
            if case .full = error { isInNeed = true }
        }
        begun = Changes()
        isRefused = false
        wrote(changes.rows)
    }

    private mutating func bind(_ webhooks: [(id: Int64?, name: String)], _ now: WallTime) {
        release()
        let result = Result { () throws(StoreError) in try store.bind(webhooks: webhooks, now: now) }
        replies.send(.bound(result))
        wrote(webhooks.count + ((try? result.get())?.cancelled.values.reduce(0, +) ?? 0))
    }

    private mutating func reserve() {
        release()
        replies.send(.reserved(Result { () throws(StoreError) in try store.reserveWebhook() }))
        wrote(1)
    }

    private mutating func renew(_ meant: Redelivery, _ limit: Int, _ now: WallTime) {
        release()
        let result = Result { () throws(StoreError) in try store.renew(meant, limit: limit, at: now) }
        replies.send(.renewed(result))
        wrote((try? result.get())?.callbacks.count ?? 0)
    }

    /// Says when the next housekeeping is due, now that so many rows have been written.
    private mutating func wrote(_ count: Int) {
        rows += count
        let now = MonotonicTime.now()
        let since = busySince ?? now
        busySince = since
        tidyAt = isPruning || isInNeed ? now : min(now + rhythm.quiet, since + rhythm.patience)
    }

    /// Short enough for a commit to wait for it. A failure is left to be told by the next commit.
    private mutating func tidy() {
        release()
        let now = MonotonicTime.now()
        busySince = nil
        if rows >= rhythm.checkpointRows {
            rows = 0
            try? store.checkpoint()
        }
        if isPruning || isInNeed || pruneAt <= now {
            let removed = (try? store.prune(at: .now(), keeping: isInNeed ? .least : retention)) ?? 0
            if removed < Retention.slice { isInNeed = false }
            rows += removed
            isPruning = removed == Retention.slice ? true : (try? store.reclaim()) ?? false
            pruneAt = now + rhythm.pruneInterval
        }
        tidyAt = isPruning || rows >= rhythm.checkpointRows ? now : nil
    }

    private func wait() {
        var descriptor = pollfd(fd: requests.descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = tidyAt.map { max(0, ($0 - .now() + .microseconds(999)).wholeMilliseconds) } ?? -1
        poll(&descriptor, 1, Int32(clamping: milliseconds))
    }
}
