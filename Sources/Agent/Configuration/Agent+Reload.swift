internal import ControlAPI
internal import Core
internal import Delivery
internal import Hotplug
internal import Linux
internal import Logging
internal import PlughookConfiguration
internal import Store

// Live configuration: the file is read and edited on the keeper's thread, its webhooks get their numbers on the committer's,
// and the swap is one step of the loop. Whatever is wrong with it, the one in force stays.
extension Agent {
    func takeConfigurationNews() {
        for news in keeper.takeNews() {
            if case .draining = phase { continue }
            switch news {
            case .read(let reading):
                if let why = reading.blindness {
                    logger.warning("configuration.unwatched", metadata: ["why": "\(why)"])
                }
                switch reading.configuration {
                case .success(let configuration):
                    begin(
                        Reloading.Step(
                            configuration: configuration, tickets: reading.tickets, wasAskedFor: reading.wasAskedFor))
                case .failure(.invalid(let path, let faults)):
                    refuse(faults.map(FaultView.init), lines: faults.map { $0.text(in: path) }, for: reading.tickets)
                case .failure(let error): refuse(because: error.description, for: reading.tickets)
                }
            case .editRefused(let ticket, let error):
                for request in reloading.take([ticket]) { request.done(.notWritten(error)) }
            }
        }
    }

    private func begin(_ step: Reloading.Step) {
        guard reloading.binding == nil else { return reloading.put(off: step) }
        let new = step.configuration
        if let change = RestartKey.change(from: configuration, to: new) {
            return refuse(because: change, for: step.tickets)
        }
        guard new != configuration else {
            if reloading.isRefused || step.wasAskedFor { settled(change: "none", for: step.tickets) }
            return
        }
        do throws(ControlServerError) {
            try control.prepare(ControlPlace(new.control))
        } catch {
            return refuse(because: error.description, for: step.tickets)
        }
        service.reloading()
        reloading.binding = step
        committer.submit(bind: new.webhooks.map { ($0.id?.value, $0.name) }, now: .now())
    }

    /// The store's answer to `begin`.
    func takeBinding(_ result: Result<Binding, StoreError>) {
        guard let step = reloading.binding.take() else { return }
        let new = step.configuration
        switch result {
        case .success(let binding):
            putInForce(step, binding)
            settled(
                change: "\(new.webhooks.count) webhooks, \(new.devices.count) listed devices",
                cancelled: binding.cancelled, for: step.tickets)
        case .failure(let error):
            control.takeBack()
            refuse(because: error.description, for: step.tickets)
        }
        if let next = reloading.takeNext() { begin(next) }
    }

    private func putInForce(_ step: Reloading.Step, _ binding: Binding) {
        let now = MonotonicTime.now()
        let new = step.configuration
        let publicBefore = publicDevices
        let webhooks = zip(new.webhooks, binding.ids).map { $0.webhook(id: $1) }
        noteChanges(from: (configuration, plan.webhooks.map(\.id)), to: (new, binding.ids), tickets: step.tickets)
        configuration = new
        plan.organisation = new.orgID
        plan.host = HostIdentity(new.host)
        plan.webhooks = webhooks
        delivery.limits = DeliveryLimits(new.delivery)
        delivery.use(webhooks: webhooks, now: now)
        delivery.use(addresses: new.delivery.addresses, now: now)
        timetable.reconcile(every: new.detection.reconcile, now: now)
        control.commit(ControlPlace(new.control))
        sensing.use(new.health, grace: new.detection.sensorGrace, at: now)
        handle(.settingsChanged(TrackerSettings(new, sensed: sensing.board.sensed)), now)
        use(appium: new.sessions.appium.map(\.url), now)
        // Those of a webhook that is gone are cancelled on disk already, and it is suspended no longer.
        let inForce = Set(binding.ids)
        delivery.suspend(delivery.suspended.intersection(inForce), now: now)
        _ = delivery.cancel { !inForce.contains($0.webhook) }
        cancel { publicDevices.subtracting(publicBefore).contains($0.device) }
        for (webhook, count) in binding.cancelled.sorted(by: { $0.key < $1.key }) {
            logger.notice("webhook.gone", metadata: ["id": "\(webhook.value)", "cancelled": "\(count)"])
        }
        hotplug.requestSnapshot()
    }

    private var publicDevices: Set<UDID> {
        Set(tracker.phones.filter { $0.group == .public }.map(\.record.udid))
    }

    /// Takes back what waits in these lanes, on record.
    private func cancel(where matches: (Lane) -> Bool) {
        let time = WallTime.now()
        let cancelled = delivery.cancel(where: matches)
        guard !cancelled.isEmpty else { return }
        logger.notice("callbacks.cancelled", metadata: ["count": "\(cancelled.count)", "why": "the device is public"])
        giveUp(cancelled.map { Settlement($0, as: .cancelled) }, at: time)
    }

    private func settled(change: String, cancelled: [WebhookID: Int] = [:], for tickets: [Reloading.Ticket]) {
        logger.info("configuration.inForce", metadata: ["change": "\(change)"])
        end(ReloadView(isInForce: true, at: WallTime.now().description, faults: [], problem: nil))
        for request in reloading.take(tickets) { request.done(.inForce(cancelled: cancelled)) }
    }

    private func refuse(because problem: String, for tickets: [Reloading.Ticket]) {
        refuse([], problem: problem, lines: [problem], for: tickets)
    }

    private func refuse(
        _ faults: [FaultView], problem: String? = nil, lines: [String], for tickets: [Reloading.Ticket]
    ) {
        // The rest is what `plughook check` is for.
        for line in lines.prefix(20) { logger.error("configuration.fault", metadata: ["why": "\(line)"]) }
        logger.error("configuration.refused", metadata: ["faults": "\(lines.count)", "inForce": "the old one"])
        let view = ReloadView(isInForce: false, at: WallTime.now().description, faults: faults, problem: problem)
        end(view)
        for request in reloading.take(tickets) { request.done(.refused(view)) }
    }

    private func end(_ view: ReloadView) {
        reloading.ended(view)
        if case .ready = phase { service.ready(statusLine) }
    }
}

/// What the agent is built on when it starts.
enum RestartKey: String, CaseIterable {
    case stateDirectory
    case hotplug = "detection.hotplug"

    private func value(in configuration: Configuration) -> String {
        switch self {
        case .stateDirectory: configuration.stateDirectory
        case .hotplug: configuration.detection.hotplug.rawValue
        }
    }

    /// Why a configuration cannot follow another without a restart; nil when it can.
    static func change(from old: Configuration, to new: Configuration) -> String? {
        allCases.first { $0.value(in: new) != $0.value(in: old) }.map {
            "\($0.rawValue) cannot change while the agent runs; put the old value back, or restart it"
        }
    }
}
