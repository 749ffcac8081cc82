internal import ControlAPI
internal import Core
internal import Delivery
internal import Linux
internal import PlughookConfiguration

// The agent's facts in the words of the control API.

extension DeviceView {
    /// `since` is when the reported status began; `sensor` is who is asked about it; `flags` say what is wrong with the
    /// knowledge of it.
    init(_ phone: Phone, since: WallTime?, sensor: String?, flags: [String], sessions: [SessionView]) {
        let record = phone.record
        self.init(
            udid: record.udid.description, name: record.name, status: record.reported?.rawValue,
            since: since?.description, reason: record.reason?.rawValue, group: phone.group.rawValue,
            platform: record.platform?.rawValue, port: record.port?.description, idPath: record.idPath,
            isListed: phone.isListed, labels: phone.labels,
            model: record.facts.model, osVersion: record.facts.osVersion, sensor: sensor, flags: flags,
            expectedAbsence: record.expectedAbsence.map(ExpectedAbsenceView.init),
            places: phone.places.map { PlaceView(port: $0.port.description, idPath: $0.idPath) }, sessions: sessions)
    }
}

extension Platform {
    /// Who is asked about its phones.
    var sensorName: String {
        switch self {
        case .android: "adb"
        case .ios: "usbmuxd"
        }
    }
}

extension UnidentifiedView {
    init(_ phone: UnidentifiedPhone) {
        self.init(
            port: phone.place.port.description, idPath: phone.place.idPath, platform: phone.platform.rawValue,
            product: phone.product, reason: phone.reason.rawValue)
    }
}

extension ExpectedAbsenceView {
    init(_ absence: ExpectedAbsence) {
        self.init(until: absence.until.description, reason: absence.reason.isEmpty ? nil : absence.reason)
    }
}

extension EventView {
    init(_ recorded: RecordedEvent) {
        let event = recorded.event
        self.init(
            number: event.number.value, at: recorded.at.description, udid: event.device.description, name: event.name,
            group: event.group.rawValue, previous: event.previous?.rawValue, status: event.status.rawValue,
            reason: event.reason?.rawValue, isSilent: event.isSilent, platform: event.platform?.rawValue,
            port: event.port?.description, session: event.session.map(SessionChangeView.init))
    }
}

extension DeliveryView {
    init(_ summary: DeliverySummary) {
        self.init(
            id: summary.id.description, webhookId: summary.lane.webhook.value,
            udid: summary.lane.device.description, sequence: summary.sequence, event: summary.event.value,
            createdAt: summary.createdAt.description, state: summary.state.rawValue,
            reason: summary.ending?.rawValue, attemptCount: summary.attempts,
            nextAttemptAt: summary.notBefore?.description, settledAt: summary.settledAt?.description,
            position: summary.position)
    }

    init(_ detail: DeliveryDetail) {
        self.init(detail.summary)
        body = String(decoding: detail.content.body, as: UTF8.self)
        attempts = detail.attempts.map(AttemptView.init)
    }
}

extension AwayView {
    init(_ opening: Gate.Opening) {
        let (now, wall) = (MonotonicTime.now(), WallTime.now())
        self.init(
            since: (wall + (opening.since - now)).description, outcome: opening.cause.rawValue, tries: opening.tries,
            nextTryAt: (wall + (opening.nextTry - now)).description)
    }
}

extension AttemptView {
    init(_ attempt: Attempt) {
        self.init(
            number: attempt.number, startedAt: attempt.startedAt.description, outcome: attempt.outcome.rawValue,
            statusCode: attempt.statusCode, detail: attempt.detail,
            durationMs: attempt.duration.milliseconds, wireSends: attempt.wireSends, address: attempt.address,
            nameLookupMs: attempt.phases.nameLookup?.milliseconds, connectMs: attempt.phases.connect?.milliseconds,
            tlsMs: attempt.phases.tls?.milliseconds, firstByteMs: attempt.phases.firstByte?.milliseconds,
            answer: attempt.answer.isEmpty ? nil : String(decoding: attempt.answer, as: UTF8.self),
            nextAttemptAt: attempt.notBefore?.description)
    }
}

extension AuditView {
    init(_ record: AuditRecord) {
        let entry = record.entry
        self.init(
            position: record.position, at: entry.at.description, actor: entry.actor, action: entry.action,
            subject: entry.subject, before: entry.before, after: entry.after)
    }
}

extension FaultView {
    init(_ fault: Fault) {
        self.init(
            pointer: fault.pointer, line: fault.line, column: fault.column, problem: fault.problem, advice: fault.advice
        )
    }
}

extension ScopeView {
    init(_ scope: DeviceScope) {
        self.init(
            udids: scope.udids, names: scope.names?.map(\.description), platforms: scope.platforms?.map(\.rawValue),
            labels: scope.labels, ports: scope.ports?.map(\.description))
    }
}

extension AuthenticationView {
    init(_ reference: AuthenticationReference?) {
        switch reference {
        case .bearer(let secret): self.init(bearer: SecretView(secret))
        case .basic(let user, let password):
            self.init(basic: Basic(user: user, password: SecretView(password)))
        case nil: self.init()
        }
    }
}

extension AddressesView {
    init(_ rules: AddressRules) {
        self.init(
            allow: rules.allow.map(\.description), deny: rules.deny.map(\.description), publicOnly: rules.publicOnly)
    }
}

extension TLSView {
    init(_ settings: TLSSettings) {
        self.init(
            caFile: settings.authorities, certificateFile: settings.certificate, keyFile: settings.key,
            pins: settings.pins, minVersion: settings.minimum.rawValue)
    }
}

extension SecretView {
    init(_ secret: SecretReference) {
        switch secret.place {
        case .file(let path): self.init(file: path, notAfter: secret.notAfter?.description)
        case .environment(let name): self.init(env: name, notAfter: secret.notAfter?.description)
        case .inline(let hidden): self.init(value: hidden.description, notAfter: secret.notAfter?.description)
        }
    }
}

extension TestView {
    init(_ answer: SideAnswer) {
        self.init(
            outcome: answer.outcome.rawValue, statusCode: answer.statusCode, detail: answer.detail,
            answer: String(decoding: answer.body, as: UTF8.self), nameLookupMs: answer.phases.nameLookup?.milliseconds,
            connectMs: answer.phases.connect?.milliseconds, tlsMs: answer.phases.tls?.milliseconds,
            firstByteMs: answer.phases.firstByte?.milliseconds, totalMs: answer.duration.milliseconds)
    }
}

extension Duration {
    /// To the microsecond.
    fileprivate var milliseconds: Double { Double(wholeNanoseconds / 1_000) / 1_000 }
}
