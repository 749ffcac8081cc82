internal import Core
internal import Store

/// What was decided and is not on disk yet.
///
/// One batch is under way at a time; all that is decided meanwhile goes with the next one, however much it is (group
/// commit). A batch that the disk refused is kept, whole and first in line, and tried again.
struct Ledger {
    private(set) var open = Changes()
    private var committing: Changes?
    private var isPrepared = false
    private var retryAt: MonotonicTime?
    private var begunAt = MonotonicTime(nanoseconds: 0)
    /// Why the disk refused the last batch; nil once one was stored.
    private(set) var refusal: String?
    private(set) var totals = Totals()

    /// Since the start.
    struct Totals {
        var commits = 0
        var refusals = 0
        /// Callbacks that were forgotten while the disk refused them.
        var lost = 0
        /// From the handing over of a batch to the answer that it is on disk.
        var duration = Histogram.ofWork
    }
    /// The number of the open batch, and of the last one that is on disk.
    private(set) var openBatch = 1
    private var lastCommitted = 0

    /// Long enough not to hammer a full disk, short enough that nobody waits for it.
    static let retryInterval = Duration.seconds(5)

    var isSettled: Bool { committing == nil && open.isEmpty }
    var deadline: MonotonicTime? { committing == nil && !open.isEmpty ? retryAt : nil }

    /// Whether all that was decided while that batch was the open one is on disk.
    func isOnDisk(_ batch: Int) -> Bool { lastCommitted >= batch || isSettled }

    mutating func add(_ change: (inout Changes) -> Void) {
        change(&open)
        guard refusal != nil else { return }
        totals.lost += open.forgetAllBut(Self.mostRefused)
    }

    /// Of what the disk does not take, twice as much is kept, in some 20 MB, and this much when it was more: what is newest
    /// says most.
    static let mostRefused = 10_000

    /// What is decided already of the next batch, so that it can be written: once a batch, and nil while another one is under
    /// way or the disk refuses. All of that batch is to be committed nevertheless.
    mutating func prepare() -> Changes? {
        guard committing == nil, refusal == nil, !isPrepared else { return nil }
        isPrepared = true
        return open
    }

    /// What is to be committed now; nil while a batch is under way, or after a failure until it is time again.
    mutating func begin(at now: MonotonicTime) -> Changes? {
        guard committing == nil, !open.isEmpty, retryAt.map({ $0 <= now }) ?? true else { return nil }
        committing = open
        open = Changes()
        isPrepared = false
        openBatch += 1
        retryAt = nil
        begunAt = now
        return committing
    }

    /// The batch is on disk: returns it.
    mutating func committed(at now: MonotonicTime) -> Changes {
        guard let changes = committing else { return Changes() }
        committing = nil
        refusal = nil
        totals.commits += 1
        totals.duration.add(now - begunAt)
        lastCommitted = openBatch - 1
        return changes
    }

    /// The disk refused the batch; nothing of it was stored.
    mutating func refused(because reason: String, at now: MonotonicTime) {
        guard let refused = committing else { return }
        committing = nil
        refusal = reason
        totals.refusals += 1
        openBatch -= 1
        open = refused.followed(by: open)
        retryAt = now + Self.retryInterval
    }
}
