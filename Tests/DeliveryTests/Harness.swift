import Core
import Delivery
import Linux

/// Stands for the agent's loop: waits for the facade's descriptor and deadline, really, and calls it.
///
/// Its clock is the real one plus what a test has skipped, so that a retry in six hours takes no time.
final class Harness {
    struct TimedOut: Error {}

    let delivery: Delivery
    private(set) var attempts: [Attempt] = []
    /// False: the disk is slow, and nothing is on record until the test says so.
    var recordsAtOnce = true
    /// Calls of `process`.
    private(set) var turns = 0
    private var skipped = Duration.zero
    private let epoll: Epoll

    init(_ webhooks: [Webhook], limits: DeliveryLimits = DeliveryLimits()) throws {
        delivery = try Delivery(limits: limits, version: "1.2.3", random: ConstantGenerator.middle)
        delivery.use(webhooks: webhooks, now: .now())
        epoll = try Epoll()
        try watchAgain()
    }

    /// For a test that put something else behind the facade's descriptor.
    func watchAgain() throws { try epoll.watch(delivery.descriptor, for: .readable) }

    var now: MonotonicTime { .now() + skipped }
    var wall: WallTime { WallTime(milliseconds: WallTime.now().milliseconds + skipped.wholeMilliseconds) }

    func enqueue(_ pending: PendingCallback...) {
        delivery.enqueue(pending, now: now, wall: wall)
    }

    func skip(_ duration: Duration) { skipped += duration }

    /// Goes to the moment at which the facade has something to do again.
    func skipToDeadline() {
        if let deadline = delivery.nextDeadline { skip(max(deadline - now, .zero)) }
    }

    /// There is nothing to do but to wait for what waits to become too old.
    var isQuiet: Bool { delivery.nextDeadline.map { $0 - now > .seconds(71 * 3600) } ?? true }

    /// One call, without waiting.
    func turn() {
        turns += 1
        take(delivery.process(now: now, wall: wall))
    }

    /// Attempts that have ended.
    func take(_ ended: [Attempt]) {
        attempts += ended
        if recordsAtOnce { delivery.recorded(ended) }
    }

    /// Turns the loop until the fact is there; throws when it is not within 20 s.
    func run(until isThere: () -> Bool) throws {
        let end = MonotonicTime.now() + .seconds(20)
        turn()
        while !isThere() {
            let left = end - .now()
            guard left > .zero else { throw TimedOut() }
            let due = delivery.nextDeadline.map { max($0 - now, .zero) } ?? left
            _ = try epoll.wait(timeout: min(due, left))
            turn()
        }
    }

    /// Turns the loop until the receiver has got so many requests, answered or not.
    func run(requests count: Int, at receiver: ScriptedReceiver) throws {
        try epoll.watch(receiver.arrivals.descriptor, for: .readable)
        defer { epoll.forget(receiver.arrivals.descriptor) }
        try run {
            _ = receiver.arrivals.receive()
            return receiver.requests.count >= count
        }
    }

    /// Turns the loop until so many attempts have ended, all told.
    func run(attempts count: Int) throws {
        try run { attempts.count >= count }
    }
}
