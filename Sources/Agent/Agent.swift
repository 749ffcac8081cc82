package import PlughookConfiguration
internal import ControlAPI
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
/// tracker what follows, hands *all* that was decided since the last batch to the committer as one transaction, and sends
/// what the disk has confirmed. It sleeps in `epoll` until something comes or is due; nothing in it waits for a disk, a
/// device or a peer.
///
/// Everything here lives on the one thread that calls `run()`.
package final class Agent {
    let logger: Logger
    let service: ServiceNotification

    private let epoll: Epoll
    private let signals: Signals
    let hotplug: Hotplug
    let store: StateStore
    let committer: Committer
    let delivery: Delivery
    let keeper: ConfigurationKeeper
    let control: Control
    let sensing: Sensing
    /// What sessions are bound to.
    let processes: ProcessWatch
    let appium = AppiumWatch()
    let configurationFile: String
    let startedAt = WallTime.now()

    /// The one in force.
    var configuration: Configuration
    var reloading = Reloading()
    private(set) var tracker: Tracker
    var plan: CallbackPlan
    var ledger = Ledger()
    /// Those who wait for a batch to be on disk, in order; they are told why it was refused.
    var waiting: [(batch: Int, answer: (ControlError?) -> Void)] = []
    /// Those who wait for the number of a webhook, in order.
    var reservations: [(Result<WebhookID, StoreError>) -> Void] = []
    /// Those who wait for callbacks to be sent again, in order.
    var renewals: [(Result<Renewed, StoreError>) -> Void] = []
    var desk = SessionDesk()
    /// Webhooks that are suspended because their receivers have said that they are gone, since the start.
    var gone: Set<WebhookID> = []
    /// Callbacks whose contents are being read, in the order in which they were asked for.
    var unread: [[CallbackID]] = []
    /// Webhooks whose receivers are taken for away, as the log has it.
    var away: [WebhookID: Outcome] = [:]
    /// When it was last logged that callbacks were dropped.
    var droppedToldAt: MonotonicTime?
    /// Webhooks whose receivers have another time, as the log has it.
    var skewed: Set<WebhookID> = []
    /// For the times of sessions.
    var wallClock = SteadyWallClock()
    var random = SystemRandomNumberGenerator()
    var timetable: Timetable
    private(set) var phase = Phase.starting
    private(set) var census = Census()
    var tally = Tally()
    /// Phones, what is said of them, or who uses them may have changed.
    private var isToJudge = false
    /// What happened in this turn and is still to be logged and shown.
    var told: (events: [RecordedEvent], attempts: [Attempt]) = ([], [])

    /// What the life of the agent is made of, in order.
    enum Phase {
        /// Until the first snapshot is on disk.
        case starting
        /// The first snapshot is taken, and its consequences go to the disk with this batch.
        case committing(batch: Int)
        case ready
        /// Nothing new is begun; what is in flight may end until the deadline.
        case draining(until: MonotonicTime)

        /// As `GET /v1/status` has it.
        var word: String {
            switch self {
            case .starting, .committing: "starting"
            case .ready: "ready"
            case .draining: "stopping"
            }
        }
    }

    /// Opens everything: signals, state directory, sensors of presence. Says what is wrong and what to do about it.
    ///
    /// `configuration` is what was read from `configurationFile`, which is watched from now on. To be called on the thread
    /// that will call `run()`, before any other thread is started but the log's. With `moveStateAside`, a state file that cannot be used gets another name instead of stopping the start.
    package init(
        configuration: Configuration, configurationFile: String, logger: Logger, environment: [String: String],
        moveStateAside: Bool = false
    ) throws(AgentError) {
        self.logger = logger
        self.configuration = configuration
        self.configurationFile = configurationFile
        service = ServiceNotification(environment: environment)
        do {
            Heap.keepFreedMemory()
            Signals.ignoreBrokenPipe()
            signals = try Signals([SIGTERM, SIGINT, SIGHUP])
            try Delivery.prepareProcess()
            epoll = try Epoll()

            store = try StateStore(directory: configuration.stateDirectory, moveAside: moveStateAside)
            if let path = store.movedAside { logger.warning("store.movedAside", metadata: ["to": "\(path)"]) }
            let ids = try store.bind(webhooks: configuration.webhooks.map { ($0.id?.value, $0.name) }).ids
            let restored = try store.load()
            let webhooks = zip(configuration.webhooks, ids).map { $0.webhook(id: $1) }
            let bootID = BootID.current()
            let clocks = ClockReading.now()
            let now = clocks.monotonic
            let isNewBoot = restored.bootID != nil && bootID != nil && restored.bootID != bootID
            processes = try ProcessWatch()
            sensing = try Sensing(seen: restored.sensed, environment: environment, logger: logger)
            sensing.use(configuration.health, grace: configuration.detection.sensorGrace, at: now)
            tracker = Tracker(
                settings: TrackerSettings(configuration, sensed: sensing.board.sensed),
                state: TrackerState(
                    devices: restored.devices,
                    sessions: restored.sessions.map { $0.restored(at: clocks, isNewBoot: isNewBoot) },
                    nextEvent: restored.nextEvent, isNewBoot: isNewBoot, wallTime: clocks.wall),
                at: now)
            plan = CallbackPlan(
                organisation: configuration.orgID, host: HostIdentity(configuration.host), webhooks: webhooks,
                nextSequences: restored.nextSequences)
            census.restore(restored.devices, restored.since)

            delivery = try Delivery(limits: DeliveryLimits(configuration.delivery), version: Version.current)
            delivery.use(webhooks: webhooks, now: now)
            delivery.use(addresses: configuration.delivery.addresses, now: now)
            delivery.suspend(restored.suspended, now: now)
            for (webhook, past) in restored.pastAttempts {
                delivery.recall(past, of: webhook, now: now, wall: clocks.wall)
            }
            // Before what takes the most memory.
            ProgramCode.letGo()
            try store.loadPending { [delivery] in delivery.enqueue([$0], now: now, wall: clocks.wall) }
            control = try Control(of: store, pageSessions: restored.pageSessions, logger: logger)
            committer = try Committer(store)
            hotplug = try Hotplug(choice: configuration.detection.hotplug)
            keeper = try ConfigurationKeeper(path: configurationFile)
            timetable = Timetable(
                reconcileInterval: configuration.detection.reconcile, watchdogInterval: service.watchdogInterval,
                now: now)
            for descriptor in [
                signals.descriptor, hotplug.descriptor, committer.descriptor, delivery.descriptor, keeper.descriptor,
                control.loop.descriptor, sensing.descriptor, processes.descriptor,
            ] {
                try epoll.watch(descriptor, for: .readable)
            }
            logger.info(
                "agent.start",
                metadata: [
                    "version": "\(Version.current)", "state": "\(configuration.stateDirectory)",
                    "webhooks": "\(webhooks.count)", "devices": "\(restored.devices.count)",
                    "pending": "\(delivery.waiting)",
                ])
            if bootID != restored.bootID { enter(boot: bootID, clocks) }
            watchRestoredProcesses(now)
            use(appium: configuration.sessions.appium.map(\.url), now)
            control.start(ControlPlace(configuration.control))
        } catch {
            throw AgentError(error)
        }
    }

    /// Runs until SIGTERM or SIGINT, then drains for up to 5 s, leaves the disk in order and returns.
    package func run() throws(AgentError) {
        do {
            while true {
                let ready = try epoll.wait(timeout: timeUntilNextDeadline()).map(\.descriptor)
                let now = MonotonicTime.now()
                if ready.contains(signals.descriptor) { obeySignals(now) }
                if ready.contains(hotplug.descriptor) || isDue(hotplug.nextDeadline, now) {
                    if ledger.isSettled { committer.prepare() }
                    takeHotplug(now)
                    isToJudge = true
                }
                if ready.contains(committer.descriptor) { takeCommits(now) }
                // What callbacks wait for comes before all else.
                commit(now)
                if ready.contains(delivery.descriptor) || isDue(delivery.nextDeadline, now) { deliver() }
                keepTime(now)
                if ready.contains(sensing.descriptor) || isDue(sensing.nextDeadline(after: now), now) {
                    sensing.process(now: now)
                    isToJudge = true
                }
                if ready.contains(processes.descriptor) { takeEndedProcesses(now) }
                if ready.contains(keeper.descriptor) { takeConfigurationNews() }
                if ready.contains(control.loop.descriptor) { control.loop.answer(for: self) }
                takeAppiumAnswers(now)
                commit(now)
                tellWhatIsDone()
                judge(now)
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
            sensing.nextDeadline(after: .now()), appium.nextDeadline,
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
        appium.ask(over: delivery, at: now)
    }

    // MARK: - Inputs

    private func obeySignals(_ now: MonotonicTime) {
        for signal in signals.received() {
            switch (signal, phase) {
            case (SIGHUP, _):
                logger.info("agent.reload", metadata: ["why": "SIGHUP"])
                service.reloading()
                keeper.read()
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
            tally.add(event)
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

    /// Says of the phones that are there what their sensors say, and to the sensors who is in use: when either may have
    /// changed, and off the way of a removal.
    private func judge(_ now: MonotonicTime) {
        guard isToJudge else { return }
        // At the end: what is recorded meanwhile is seen below.
        defer { isToJudge = false }
        if case .draining = phase { return }
        if sensing.board.sensed != tracker.settings.sensed {
            ledger.add { $0.sensed = sensing.board.seen }
            handle(.settingsChanged(TrackerSettings(configuration, sensed: sensing.board.sensed)), now)
        }
        for input in sensing.inputs(for: tracker.present, at: now) { handle(input, now) }
        sensing.leaveUtilizedAlone(among: tracker.present)
    }

    func handle(_ input: Input, _ now: MonotonicTime) {
        for action in tracker.handle(input, at: now) {
            switch action {
            case .record(let event):
                isToJudge = true
                record(event)
            case .remember(let record): ledger.add { $0.remember(record) }
            case .forget(let udid):
                plan.forget(udid)
                census.forget(udid)
                ledger.add { $0.forget(udid) }
            case .note(let note): logger.log(note)
            case .sessionStarted, .sessionChanged, .sessionEnded, .sessionRefused, .sessionWaits, .sessionWithdrawn,
                .lookAgain:
                take(action, now)
            }
        }
    }

    /// Remembers the boot, and in one with it the deadlines of all sessions on the boot clock that has begun with it.
    private func enter(boot: String?, _ clocks: ClockReading) {
        ledger.add { changes in
            changes.bootID = boot
            for held in tracker.sessions { changes.keep(StoredSession(held.session, on: held.udid, at: clocks)) }
        }
    }

    private func record(_ event: StatusEvent) {
        let time = WallTime.now()
        ledger.add { $0.record(RecordedEvent(event: event, at: time)) }
        // The disk's thread writes that while the callbacks are made.
        if !event.isSilent, let beginning = ledger.prepare() { committer.prepare(beginning) }
        let callbacks = plan.callbacks(for: event, of: tracker.phone(event.device), at: time, using: &random)
        if event.session == nil {
            census.record(event, at: time)
            tally.add(event)
        }
        ledger.add { $0.callbacks += callbacks }
    }

    // MARK: - Disk and receivers

    private func takeCommits(_ now: MonotonicTime) {
        for answer in committer.answers() {
            switch answer {
            case .committed(.success(let moment)):
                let wasRefused = ledger.refusal != nil
                let changes = ledger.committed(at: now)
                if wasRefused { tellWhetherTheDiskTakes() }
                delivery.recorded(changes.attempts)
                enqueue(changes.callbacks, committedAt: moment, now)
                told.events += changes.events
                answerWhoWaited()
            case .committed(.failure(let error)):
                ledger.refused(because: "\(error)", at: now)
                logger.error("store.refused", metadata: ["why": "\(error)", "retryInSeconds": "5"])
                tellWhetherTheDiskTakes()
                refuseWhoWaited(because: "\(error)")
            case .bound(let result): takeBinding(result)
            case .reserved(let result): reservations.removeFirst()(result)
            case .renewed(let result): takeRenewed(result, now)
            case .contents(let result): supply(try? result.get())
            }
        }
    }

    private func becomeReady() {
        guard case .committing(let batch) = phase, ledger.isOnDisk(batch) else { return }
        phase = .ready
        ProgramCode.letGo()
        service.ready(statusLine)
        logger.info("agent.ready", metadata: ["status": "\(census)", "source": "\(hotplug.source)"])
    }

    private func commit(_ now: MonotonicTime) {
        guard let changes = ledger.begin(at: now) else { return }
        committer.submit(changes)
        // On the processor that this thread has, the committer would come after the rest of the turn.
        if !changes.callbacks.isEmpty { Thread.yield() }
        delivery.expect(changes.callbacks, wall: .now())
    }

    // MARK: - End

    private var isDrained: Bool { delivery.inFlight == 0 && ledger.isSettled }

    private func finish() {
        let cut = delivery.cancelInFlight(now: .now(), wall: .now())
        if !ledger.isSettled || !cut.isEmpty {
            logger.warning(
                "agent.cut", metadata: ["inFlight": "\(cut.count)", "unsaved": "\(ledger.open.events.count)"])
        }
        refuseWhoWaited(because: "the agent stops")
        desk.close()
        control.stop()
        keeper.stop()
        hotplug.stop()
        committer.stop()
        logger.info("agent.stopped", metadata: ["waiting": "\(delivery.waiting)"])
    }
}
