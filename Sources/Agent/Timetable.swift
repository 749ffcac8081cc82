internal import Core

/// What the agent does by the clock: compare all that is there with all that is known, and tell the watchdog.
struct Timetable {
    private var reconcileInterval: Duration
    private let watchdogInterval: Duration?
    private var nextReconcile: MonotonicTime
    private var nextWatchdog: MonotonicTime?

    init(reconcileInterval: Duration, watchdogInterval: Duration?, now: MonotonicTime) {
        self.reconcileInterval = reconcileInterval
        self.watchdogInterval = watchdogInterval
        nextReconcile = now + reconcileInterval
        nextWatchdog = watchdogInterval.map { _ in now }
    }

    var nextDeadline: MonotonicTime { min(nextReconcile, nextWatchdog ?? nextReconcile) }

    /// From now on; the next one is due that much later.
    mutating func reconcile(every interval: Duration, now: MonotonicTime) {
        reconcileInterval = interval
        nextReconcile = now + interval
    }

    mutating func reconcileIsDue(_ now: MonotonicTime) -> Bool {
        guard nextReconcile <= now else { return false }
        nextReconcile = now + reconcileInterval
        return true
    }

    mutating func watchdogIsDue(_ now: MonotonicTime) -> Bool {
        guard let interval = watchdogInterval, let next = nextWatchdog, next <= now else { return false }
        nextWatchdog = now + interval
        return true
    }
}
