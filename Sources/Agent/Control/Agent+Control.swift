internal import PlughookConfiguration
internal import ControlAPI
internal import Core
internal import Delivery
internal import Glibc
internal import Hotplug
internal import Linux
internal import Store

// What the control API asks of the loop: it is asked, answers, and goes on.
extension Agent {
    var statusView: StatusView {
        var counts: [String: Int] = [:]
        for status in Status.allCases { counts[status.rawValue] = 0 }
        for phone in tracker.phones {
            if let status = phone.record.reported { counts[status.rawValue, default: 0] += 1 }
        }
        return StatusView(
            version: Version.current, host: hostName, pid: Int(getpid()), startedAt: startedAt.description,
            phase: phaseWord, hotplugSource: "\(hotplug.source)", devices: counts, waiting: delivery.waiting,
            inFlight: delivery.inFlight, configurationFile: configurationFile, lastReload: reloading.last,
            sensors: sensorViews, appium: appiumViews, problems: problems)
    }

    /// An agent that cannot remember what happens is not ready, whatever else it does.
    private var phaseWord: String {
        if case .ready = phase, ledger.refusal != nil { return "degraded" }
        return phase.word
    }

    private var sensorViews: [SensorView] {
        Platform.allCases.map { platform in
            let loss = sensing.board.loss(of: platform)
            let isUsed = sensing.board.sensed.contains(platform)
            return SensorView(
                platform: platform.rawValue, isInForce: isUsed, isAnswering: isUsed && loss == nil,
                problem: isUsed ? loss?.why : nil)
        }
    }

    var deviceList: DeviceList {
        DeviceList(devices: deviceViews, unidentified: tracker.unidentified.map(UnidentifiedView.init))
    }

    var deviceViews: [DeviceView] {
        let board = sensing.board
        return tracker.phones.map { phone in
            let platform = phone.record.platform.flatMap { board.sensed.contains($0) ? $0 : nil }
            let isThere = phone.record.reported.map { $0 != .unplugged } ?? false
            let flag = platform.flatMap { isThere && board.loss(of: $0) != nil ? $0.lossReason : nil }
            return DeviceView(
                phone, since: census.since(phone.record.udid), sensor: platform?.sensorName,
                flags: [flag?.rawValue].compactMap(\.self), sessions: sessionViews(on: phone))
        }
    }

    private var hostName: String { plan.host.id }

    /// What is wrong now, with the mend.
    private var problems: [String] {
        var problems: [String] = []
        if reloading.isRefused {
            problems.append("the configuration file is refused, the old one is in force: plughook check says why")
        }
        if let refusal = ledger.refusal { problems.append("the disk refuses what happened: \(refusal)") }
        if ledger.totals.lost > 0 {
            problems.append(
                "\(ledger.totals.lost) callbacks were lost since the start, for the disk refused more than is kept in memory: "
                    + "their numbers are missing in the lanes")
        }
        problems += control.failures.map { "\($0)" }
        for sensor in sensorViews where sensor.isInForce && !sensor.isAnswering {
            problems.append(
                "\(sensor.platform) phones keep their status, for their sensor is away: \(sensor.problem ?? "it is silent")"
            )
        }
        for id in gone.sorted() where delivery.suspended.contains(id) {
            problems.append(
                "webhook \(id.value) is suspended, for its receiver has answered 410 Gone: correct its url, then plughook "
                    + "webhooks resume \(id.value)")
        }
        for webhook in plan.webhooks {
            guard let opening = delivery.opening(of: webhook.id) else { continue }
            problems.append(
                "the receiver of webhook \(webhook.id.value) is away (\(opening.cause.rawValue)), and "
                    + "\(delivery.counts(of: webhook.id).waiting) callbacks wait for it: \(opening.cause.advice)")
        }
        if let dropped = delivery.totals.ended[.dropped] {
            problems.append(
                "\(dropped) callbacks were dropped since the start, for too many waited: plughook deliveries --state dropped"
            )
        }
        for (webhook, skew) in clockSkews {
            problems.append(
                "the receiver of webhook \(webhook.id.value) has a clock \(skew.words) this host's: signatures are refused "
                    + "from 5 minutes on; have both follow NTP")
        }
        for server in appiumViews {
            guard let problem = server.problem else { continue }
            problems.append("sessions of the Appium server \(server.url) are not seen: \(problem)")
        }
        return problems
    }

    func forget(_ device: UDID, by actor: String) -> Result<Void, ControlError> {
        guard let phone = tracker.phone(device) else {
            return .failure(unknownDevice(device))
        }
        handle(.deviceForgotten(device), .now())
        if tracker.phone(device) != nil {
            return .failure(
                .conflict(
                    problem: "It is \(phone.hold).",
                    advice: "Only a phone that is unplugged and not listed can be forgotten."))
        }
        note(actor, "device.forget", "device \(device)", before: phone.record.name, after: "")
        return .success(())
    }

    func unknownDevice(_ device: UDID) -> ControlError {
        .notFound(what: "device \(device)", nearest: nearestDevice(to: device))
    }

    private func nearestDevice(to device: UDID) -> String? {
        tracker.phones.map(\.record.udid.description).nearest(to: device.description)
    }

    // MARK: - The file

    func reload(by actor: String, _ answer: @escaping @Sendable (ReloadView) -> Void) {
        note(actor, "configuration.reload", configurationFile, before: "", after: "")
        hotplug.requestSnapshot()
        keeper.read(
            for: reloading.ticket(
                for: Reloading.Request(actor: actor, subject: nil) { [self] outcome in
                    switch outcome {
                    case .inForce, .notWritten: reloading.last.map(answer)
                    case .refused(let view): answer(view)
                    }
                }))
    }

    /// Edits the file on the keeper's thread and puts it in force; `done` is called on the loop when it is, or is not.
    func edit(
        _ subject: Reloading.Subject, by actor: String, _ edit: @escaping ConfigurationKeeper.Edit,
        _ done: @escaping (Result<[WebhookID: Int], ControlError>) -> Void
    ) {
        let base = configuration
        let ticket = reloading.ticket(
            for: Reloading.Request(actor: actor, subject: subject) { outcome in
                switch outcome {
                case .inForce(let cancelled): done(.success(cancelled))
                case .notWritten(let error): done(.failure(error))
                case .refused(let view): done(.failure(.notInForce(view)))
                }
            })
        keeper.edit(for: ticket) { document in
            // What could not come into force is not written either.
            if let change = RestartKey.change(from: base, to: document.configuration) {
                return .failure(
                    .conflict(problem: "The file was changed by hand: \(change).", advice: "Then try again."))
            }
            return edit(document)
        }
    }
}

extension Phone {
    /// Why it is not forgotten.
    fileprivate var hold: String {
        if isListed { return "listed in the configuration" }
        return record.expectedAbsence == nil ? "plugged in" : "expected back"
    }
}

extension ControlError {
    /// An edit is in the file, and the file is not in force.
    fileprivate static func notInForce(_ view: ReloadView) -> ControlError {
        let why = view.problem ?? view.faults.first.map { "\($0.pointer): \($0.problem)" } ?? "it has faults"
        return .conflict(
            problem: "It is written, but the file is not in force: \(why).",
            advice: "plughook check says all that is wrong with the file.")
    }
}
