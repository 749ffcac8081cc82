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
            phase: phase.word, hotplugSource: "\(hotplug.source)", devices: counts, waiting: delivery.waiting,
            inFlight: delivery.inFlight, configurationFile: configurationFile, lastReload: reloading.last,
            sensors: sensorViews, appium: appiumViews, problems: problems)
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
                phone, sensor: platform?.sensorName, flags: [flag?.rawValue].compactMap(\.self),
                sessions: sessionViews(on: phone))
        }
    }

    private var hostName: String { configuration.host.id ?? SystemName.host }

    /// What is wrong now, with the mend.
    private var problems: [String] {
        var problems: [String] = []
        if reloading.isRefused {
            problems.append("the configuration file is refused, the old one is in force: plughook check says why")
        }
        if let refusal = ledger.refusal { problems.append("the disk refuses what happened: \(refusal)") }
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

    // MARK: - Webhooks

    var webhookViews: [WebhookView] {
        zip(configuration.webhooks, plan.webhooks).map { view(of: $0, $1.id) }
    }

    private func view(of definition: WebhookDefinition, _ id: WebhookID) -> WebhookView {
        let counts = delivery.counts(of: id)
        return WebhookView(
            id: id.value, name: definition.name, url: definition.url, description: definition.description,
            events: Status.allCases.filter(definition.events.contains).map(\.rawValue),
            devices: ScopeView(definition.scope), enabled: definition.isEnabled,
            timeoutMs: Int(definition.timeout.wholeMilliseconds),
            connectTimeoutMs: Int(definition.connectTimeout.wholeMilliseconds),
            secrets: definition.secrets.map(SecretView.init), auth: AuthenticationView(definition.authentication),
            headers: Dictionary(definition.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            tls: TLSView(definition.tls),
            isSuspended: delivery.suspended.contains(id),
            waiting: counts.waiting, inFlight: counts.inFlight,
            etag: definition.tag)
    }

    private func view(of id: WebhookID) -> Result<WebhookView, ControlError> {
        webhookViews.first { $0.id == id.value }.map { .success($0) } ?? .failure(unknown(id))
    }

    func matches(of id: WebhookID) -> Result<MatchView, ControlError> {
        guard let webhook = plan.webhooks.first(where: { $0.id == id }) else { return .failure(unknown(id)) }
        let phones = tracker.phones
        let meant = phones.filter { $0.group != .public && webhook.scope.includes(DeviceScope.Subject($0)) }
        let events = webhook.isEnabled ? Status.allCases.filter(webhook.events.contains) : []
        return .success(
            MatchView(
                events: events.map(\.rawValue),
                devices: meant.map {
                    MatchedDeviceView(
                        udid: $0.record.udid.description, name: $0.record.name, status: $0.record.reported?.rawValue)
                }, others: phones.count - meant.count))
    }

    /// The definition in force: the one that an edit of the file looks for.
    func identity(of id: WebhookID) -> WebhookIdentity? {
        plan.webhooks.first { $0.id == id }.map { WebhookIdentity(id: id, name: $0.name) }
    }

    func createWebhook(
        _ json: [UInt8], by actor: String, _ answer: @escaping @Sendable (Result<WebhookView, ControlError>) -> Void
    ) {
        let definition: WebhookDefinition
        do {
            definition = try WebhookDefinition(json: json, ignoring: WebhookView.readOnly)
        } catch {
            return answer(.failure(.invalid(error.faults.map(FaultView.init))))
        }
        guard definition.id == nil else {
            return answer(
                .failure(.conflict(problem: "The agent gives the id.", advice: "Leave it out, or edit that webhook.")))
        }
        // The number is taken first, so that the file never has a definition whose number depends on its name.
        reserve { [self] result in
            switch result {
            case .failure(let error): answer(.failure(ControlError(error)))
            case .success(let id):
                var definition = definition
                definition.id = id
                append(definition, id, by: actor, answer)
            }
        }
    }

    private func append(
        _ definition: WebhookDefinition, _ id: WebhookID, by actor: String,
        _ answer: @escaping @Sendable (Result<WebhookView, ControlError>) -> Void
    ) {
        edit(.webhook(id), by: actor) { document in
            document.objection(to: definition.name, of: nil).map { .failure($0) }
                ?? .success(document.appending(webhook: definition.members))
        } _: { [self] outcome in
            answer(outcome.flatMap { _ in view(of: id) })
        }
    }

    func editWebhook(
        _ id: WebhookID, _ json: [UInt8], isPatch: Bool, ifMatch: String?, by actor: String,
        _ answer: @escaping @Sendable (Result<WebhookView, ControlError>) -> Void
    ) {
        guard let identity = identity(of: id) else { return answer(.failure(unknown(id))) }
        edit(.webhook(id), by: actor) { document in
            guard let old = document.definition(of: identity) else { return .failure(unknown(id)) }
            if let ifMatch, ifMatch != old.tag { return .failure(.changedMeanwhile) }
            do throws(InvalidConfiguration) {
                let (new, changes) = try old.changes(by: json, isPatch: isPatch, ignoring: WebhookView.readOnly)
                guard new.id == nil || new.id == id else {
                    return .failure(.conflict(problem: "The id of a webhook never changes.", advice: "Leave it out."))
                }
                if let objection = document.objection(to: new.name, of: identity) { return .failure(objection) }
                // A definition without a number in the file is known by its name: a new name must not make it another.
                let anchor = old.id == nil && new.name != old.name ? [MemberChange.set("id", .integer(id.value))] : []
                let kept = changes.filter { $0.key != "id" }
                return document.replacing(anchor + kept, of: identity).map { .success($0) } ?? .failure(unknown(id))
            } catch {
                return .failure(.invalid(error.faults.map(FaultView.init)))
            }
        } _: { [self] outcome in
            answer(outcome.flatMap { _ in view(of: id) })
        }
    }

    func deleteWebhook(
        _ id: WebhookID, ifMatch: String?, by actor: String,
        _ answer: @escaping @Sendable (Result<Int, ControlError>) -> Void
    ) {
        guard let identity = identity(of: id) else { return answer(.failure(unknown(id))) }
        edit(.webhook(id), by: actor) { document in
            guard let old = document.definition(of: identity), let bytes = document.removing(identity)
            else { return .failure(unknown(id)) }
            if let ifMatch, ifMatch != old.tag { return .failure(.changedMeanwhile) }
            return .success(bytes)
        } _: { outcome in
            answer(outcome.map { cancelled in cancelled[id, default: 0] })
        }
    }

    func suspend(_ id: WebhookID, _ isSuspended: Bool, by actor: String) -> Result<WebhookView, ControlError> {
        guard identity(of: id) != nil else { return .failure(unknown(id)) }
        let was = delivery.suspended.contains(id)
        if was != isSuspended {
            if isSuspended { delivery.suspended.insert(id) } else { delivery.suspended.remove(id) }
            if !isSuspended { gone.remove(id) }
            ledger.add { $0.suspensions[id] = isSuspended }
            note(
                actor, isSuspended ? "webhook.suspend" : "webhook.resume", "webhook \(id.value)",
                before: was ? "suspended" : "", after: isSuspended ? "suspended" : "")
        }
        return view(of: id)
    }

    /// Sends one marked callback now and answers with what came of it.
    func test(
        _ id: WebhookID, by actor: String, _ answer: @escaping @Sendable (Result<TestView, ControlError>) -> Void
    ) {
        guard let webhook = plan.webhooks.first(where: { $0.id == id }) else { return answer(.failure(unknown(id))) }
        let time = WallTime.now()
        let body = KobitonBody.testBytes(at: time, organisation: plan.organisation, webhook: webhook)
        let isBegun = delivery.test(
            id, id: CallbackID(using: &random), body: body, now: .now(), wall: time
        ) { answer(.success(TestView($0))) }
        guard isBegun else {
            return answer(
                .failure(
                    .conflict(problem: "Several tests are under way.", advice: "Wait for them, and try again.")))
        }
        note(actor, "webhook.test", "webhook \(id.value)", before: "", after: "")
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

    private func reserve(_ done: @escaping (Result<WebhookID, StoreError>) -> Void) {
        reservations.append(done)
        committer.submitReservation()
    }
}

/// The refusal of what is asked of a webhook that is not there.
private func unknown(_ id: WebhookID) -> ControlError { .notFound(what: "webhook \(id.value)", nearest: nil) }

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

extension ConfigurationEdit {
    fileprivate func definition(of webhook: WebhookIdentity) -> WebhookDefinition? {
        configuration.webhooks.firstIndex(of: webhook).map { configuration.webhooks[$0] }
    }

    /// Why a webhook cannot have this name; nil when it can.
    fileprivate func objection(to name: String, of webhook: WebhookIdentity?) -> ControlError? {
        let own = webhook.flatMap { configuration.webhooks.firstIndex(of: $0) }
        let other = configuration.webhooks.indices.first {
            $0 != own && configuration.webhooks[$0].name.utf8.elementsEqual(name.utf8)
        }
        return other == nil
            ? nil : .conflict(problem: "Another webhook has this name.", advice: "Choose a name that is not taken.")
    }
}

extension WebhookView {
    /// What is shown of a webhook beside its definition: whoever sends back what he got has it in his body.
    fileprivate static let readOnly: Set<String> = ["isSuspended", "waiting", "inFlight", "etag"]
}
