package import Configuration
internal import Core
internal import Delivery
internal import Glibc
internal import Hotplug
internal import Linux
package import Logging
internal import Store

/// The agent: one loop that owns all state.
///
/// Each turn takes what has come (plugs and removals, answers of the disk and of receivers, signals, deadlines), asks the
/// tracker what follows, hands *all* that was decided to the committer as one transaction, and sends what the disk has
/// confirmed. It sleeps in `epoll` until something comes or is due; nothing in it waits for a disk, a device or a peer.
///
/// Everything here lives on the one thread that calls `run()`.
package final class Agent {
    private let logger: Logger
    private let service: ServiceNotification

    private let epoll: Epoll
    private let signals: Signals
    private let hotplug: Hotplug
    private let committer: Committer
    private let delivery: Delivery

    private var tracker: Tracker
    private var plan: CallbackPlan
    private var ledger = Ledger()
    private var random = SystemRandomNumberGenerator()
    private var timetable: Timetable
    private var phase = Phase.starting
    private var census = Census()
    /// What happened in this turn and is still to be logged.
    private var told: (events: [StatusEvent], attempts: [Attempt]) = ([], [])

    /// What the life of the agent is made of, in order.
    private enum Phase {
        /// Until the first snapshot is on disk.
        case starting
        /// The first snapshot is taken, and its consequences go to the disk with this batch.
        case committing(batch: Int)
        case ready
        /// Nothing new is begun; what is in flight may end until the deadline.
        case draining(until: MonotonicTime)
    }

    /// Opens everything: signals, state directory, sensors of presence. Says what is wrong and what to do about it.
    ///
    /// To be called on the thread that will call `run()`, before any other thread is started but the log's. With
    /// `moveStateAside`, a state file that cannot be used gets another name instead of stopping the start.
    package init(
        configuration: Configuration, logger: Logger, environment: [String: String], moveStateAside: Bool = false
    ) throws(AgentError) {
        self.logger = logger
        service = ServiceNotification(environment: environment)
        do {
            Heap.keepFreedMemory()
            Signals.ignoreBrokenPipe()
            signals = try Signals([SIGTERM, SIGINT, SIGHUP])
            try Delivery.prepareProcess()
            epoll = try Epoll()

            let store = try StateStore(directory: configuration.stateDirectory, moveAside: moveStateAside)
            if let path = store.movedAside { logger.warning("store.movedAside", metadata: ["to": "\(path)"]) }
            let ids = try store.bind(webhooks: configuration.webhooks.map { ($0.id?.value, $0.name) })
            let restored = try store.load()
            let webhooks = zip(configuration.webhooks, ids).map { $0.webhook(id: $1) }
            let bootID = BootID.current()
            let now = MonotonicTime.now()
            tracker = Tracker(
                settings: TrackerSettings(configuration),
                state: TrackerState(
                    devices: restored.devices, nextEvent: restored.nextEvent,
                    isNewBoot: restored.bootID != nil && restored.bootID != bootID),
                at: now)
            plan = CallbackPlan(
                organisation: configuration.orgID, webhooks: webhooks, nextSequences: restored.nextSequences)
            if bootID != restored.bootID { ledger.add { $0.bootID = bootID } }
            census.restore(restored.devices)

            delivery = try Delivery(limits: DeliveryLimits(configuration.delivery), version: Version.current)
            delivery.use(webhooks: webhooks)
            delivery.enqueue(restored.pending, now: now, wall: .now())
            committer = try Committer(store)
            hotplug = try Hotplug(choice: configuration.detection.hotplug)
            timetable = Timetable(
                reconcileInterval: configuration.detection.reconcile, watchdogInterval: service.watchdogInterval,
                now: now)
            for descriptor in [
                signals.descriptor, hotplug.descriptor, committer.descriptor, delivery.descriptor,
            ] {
                try epoll.watch(descriptor, for: .readable)
            }
            logger.info(
                "agent.start",
                metadata: [
                    "version": "\(Version.current)", "state": "\(configuration.stateDirectory)",
                    "webhooks": "\(webhooks.count)", "devices": "\(restored.devices.count)",
                    "pending": "\(restored.pending.count)",
                ])
        } catch {
            throw AgentError(error)
        }
    }

    /// Runs until SIGTERM or SIGINT, then drains for up to 5 s, leaves the disk in order and returns.
    package func run() throws(AgentError) {
        do {
            while true {
                let ready = Set(try epoll.wait(timeout: timeUntilNextDeadline()).map(\.descriptor))
                let now = MonotonicTime.now()
                if ready.contains(signals.descriptor) { obeySignals(now) }
                if ready.contains(hotplug.descriptor) || isDue(hotplug.nextDeadline, now) {
                    if ledger.isSettled { committer.prepare() }
                    takeHotplug(now)
                }
                keepTime(now)
                commit(now)
                if ready.contains(committer.descriptor) { takeCommits(now) }
                if ready.contains(delivery.descriptor) || isDue(delivery.nextDeadline, now) { deliver(now) }
                tellWhatIsDone()
                commit(now)
                becomeReady()
                if case .draining(let deadline) = phase, isDrained || deadline <= now { break }
            }
        } catch {
            throw AgentError(error)
        }
        finish()
    }

    // MARK: - Time

    private func timeUntilNextDeadline() -> Duration? {
        var deadlines = [
            timetable.nextDeadline, tracker.nextDeadline, hotplug.nextDeadline, delivery.nextDeadline, ledger.deadline,
        ]
        if case .draining(let deadline) = phase { deadlines = [delivery.nextDeadline, ledger.deadline, deadline] }
        guard let earliest = deadlines.compactMap(\.self).min() else { return nil }
        return max(.zero, earliest - .now())
    }

    private func isDue(_ deadline: MonotonicTime?, _ now: MonotonicTime) -> Bool { deadline.map { $0 <= now } ?? false }

    private func keepTime(_ now: MonotonicTime) {
        if timetable.watchdogIsDue(now) { service.watchdog() }
        if case .draining = phase { return }
        if let deadline = tracker.nextDeadline, deadline <= now { handle(.timePassed, now) }
        if timetable.reconcileIsDue(now) { hotplug.requestSnapshot() }
    }

    // MARK: - Inputs

    private func obeySignals(_ now: MonotonicTime) {
        for signal in signals.received() {
            switch (signal, phase) {
            case (SIGHUP, _):
                logger.info("agent.reconcile", metadata: ["why": "SIGHUP"])
                hotplug.requestSnapshot()
            case (_, .draining):
                // Safe at any moment: what is not on disk was not sent.
                _exit(128 + signal)
            default:
                logger.info("agent.stopping", metadata: ["signal": "\(signal)", "inFlight": "\(delivery.inFlight)"])
                service.stopping()
                delivery.stopClaiming()
                phase = .draining(until: now + .seconds(5))
            }
        }
    }

    private func takeHotplug(_ now: MonotonicTime) {
        let events = hotplug.process(now: now)
        if case .draining = phase { return }
        for event in events {
            switch event {
            case .attached(let device): handle(.deviceAttached(device), now)
            case .detached(let position): handle(.deviceDetached(position), now)
            case .snapshot(let devices):
                handle(.snapshotTaken(devices), now)
                if case .starting = phase { phase = .committing(batch: ledger.openBatch) }
            case .note(let note): logger.log(note)
            }
        }
    }

    private func handle(_ input: Input, _ now: MonotonicTime) {
        for action in tracker.handle(input, at: now) {
            switch action {
            case .record(let event): record(event)
            case .remember(let record): ledger.add { $0.remember(record) }
            case .forget(let udid):
                plan.forget(udid)
                census.forget(udid)
                ledger.add { $0.forget(udid) }
            case .note(let note): logger.log(note)
            case .sessionAccepted, .sessionRefused, .sessionEnded: logger.log(action)
            }
        }
    }

    private func record(_ event: StatusEvent) {
        let time = WallTime.now()
        let callbacks = plan.callbacks(for: event, at: time, using: &random)
        census.record(event)
        ledger.add {
            $0.events.append(RecordedEvent(event: event, at: time))
            $0.callbacks += callbacks
        }
    }

    // MARK: - Disk and receivers

    private func takeCommits(_ now: MonotonicTime) {
        for answer in committer.answers() {
            switch answer {
            case .success:
                let changes = ledger.committed()
                delivery.recorded(changes.attempts)
                delivery.enqueue(changes.callbacks.map { PendingCallback(callback: $0) }, now: now, wall: .now())
                told.events += changes.events.map(\.event)
            case .failure(let error):
                ledger.refused(at: now)
                logger.error("store.refused", metadata: ["why": "\(error)", "retryInSeconds": "5"])
            }
        }
    }

    private func becomeReady() {
        guard case .committing(let batch) = phase, ledger.isOnDisk(batch) else { return }
        phase = .ready
        service.ready(census.description)
        logger.info("agent.ready", metadata: ["status": "\(census)", "source": "\(hotplug.source)"])
    }

    private func deliver(_ now: MonotonicTime) {
        let attempts = delivery.process(now: now, wall: .now())
        guard !attempts.isEmpty else { return }
        #if FAILPOINTS
            if attempts.contains(where: { $0.outcome == .accepted }) { Failpoint.pass("after-accept") }
        #endif
        ledger.add { $0.attempts += attempts }
        told.attempts += attempts
    }

    /// The log and the service manager can wait until the callbacks are on their way.
    private func tellWhatIsDone() {
        if !told.events.isEmpty, case .ready = phase { service.status(census.description) }
        for event in told.events { logger.log(event) }
        for attempt in told.attempts { logger.log(attempt) }
        told = ([], [])
    }

    private func commit(_ now: MonotonicTime) {
        if let changes = ledger.begin(at: now) { committer.submit(changes) }
    }

    // MARK: - End

    private var isDrained: Bool { delivery.inFlight == 0 && ledger.isSettled }

    private func finish() {
        let cut = delivery.cancelInFlight(now: .now(), wall: .now())
        if !ledger.isSettled || !cut.isEmpty {
            logger.warning(
                "agent.cut", metadata: ["inFlight": "\(cut.count)", "unsaved": "\(ledger.open.events.count)"])
        }
        hotplug.stop()
        committer.stop()
        logger.info("agent.stopped", metadata: ["waiting": "\(delivery.waiting)"])
    }
}
