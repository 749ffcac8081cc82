internal import ControlAPI
internal import Core
internal import Delivery
internal import Linux
internal import PlughookConfiguration
internal import Store

// Webhooks, as the control API shows, tries and changes them. A change is an edit of the file.
extension Agent {
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
            backlog: definition.backlog.rawValue, secrets: definition.secrets.map(SecretView.init),
            auth: AuthenticationView(definition.authentication),
            headers: Dictionary(definition.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            tls: TLSView(definition.tls), addresses: AddressesView(definition.addresses),
            format: definition.format.rawValue,
            template: TemplateView(file: definition.template.file, contentType: definition.template.contentType),
            proxy: definition.proxyWord,
            isSuspended: delivery.suspended.contains(id), away: delivery.opening(of: id).map(AwayView.init),
            waiting: counts.waiting, inFlight: counts.inFlight,
            etag: definition.tag)
    }

    private func view(of id: WebhookID) -> Result<WebhookView, ControlError> {
        guard let place = plan.webhooks.firstIndex(where: { $0.id == id }) else { return .failure(unknown(id)) }
        return .success(view(of: configuration.webhooks[place], id))
    }

    func matches(of id: WebhookID) -> Result<MatchView, ControlError> {
        guard let webhook = plan.webhooks.first(where: { $0.id == id }) else { return .failure(unknown(id)) }
        let events = webhook.isEnabled ? Status.allCases.filter(webhook.events.contains) : []
        return .success(matches(webhook.scope, events))
    }

    func matches(_ scope: DeviceScope, _ events: [Status]) -> MatchView {
        let phones = tracker.phones
        let meant = phones.filter { $0.group != .public && scope.includes(DeviceScope.Subject($0)) }
        return MatchView(
            events: events.map(\.rawValue),
            devices: meant.map {
                MatchedDeviceView(
                    udid: $0.record.udid.description, name: $0.record.name, status: $0.record.reported?.rawValue)
            }, others: phones.count - meant.count)
    }

    /// What the webhook would be sent of that change: of that phone, or of one that is made up.
    func preview(of id: WebhookID, _ status: Status, _ device: UDID?) -> Result<PreviewView, ControlError> {
        guard let webhook = plan.webhooks.first(where: { $0.id == id }) else { return .failure(unknown(id)) }
        return preview(of: webhook, status, device)
    }

    private func preview(
        of webhook: Webhook, _ status: Status, _ device: UDID?
    ) -> Result<PreviewView, ControlError> {
        let phone = device.flatMap { tracker.phone($0) }
        if let device, phone == nil { return .failure(.notFound(what: "phone \(device)", nearest: nil)) }
        let record =
            phone?.record
            ?? DeviceRecord(
                udid: UDID("ce0917198075440c057e"), name: "Galaxy Note 8", platform: .android, port: PortPath("1-4.2"),
                reported: .online)
        let event = StatusEvent(
            number: EventNumber(1), device: record.udid, name: record.name, group: phone?.group ?? .local,
            previous: record.reported, status: status,
            reason: status == .offline ? record.reason ?? .unauthorized : nil,
            isSilent: false, platform: record.platform, port: record.port)
        let facts = CallbackFacts(
            event, at: .now(), host: plan.host, organisation: plan.organisation, webhook: webhook, sequence: 1,
            owners: phone?.owners ?? [])
        let content = webhook.format.content(of: facts)
        return .success(
            PreviewView(headers: content.allHeaders, body: String(decoding: content.body, as: UTF8.self)))
    }

    /// The same of a definition that is not saved. A template is read on the keeper's thread.
    func preview(
        _ json: [UInt8], _ status: Status, _ device: UDID?, by editor: WebhookEditor,
        _ answer: @escaping @Sendable (Result<PreviewView, ControlError>) -> Void
    ) {
        keeper.perform { [loop = control.loop, configurationFile] in
            do throws(InvalidConfiguration) {
                let asked = try WebhookDefinition(asked: json, ignoring: WebhookView.readOnly)
                if let objection = editor.objection(to: asked, beside: nil) { return answer(.failure(objection)) }
                let definition = try asked.withBodyFormat(beside: configurationFile, source: json)
                loop.tell { agent in
                    // A number that is not given yet.
                    answer(agent.preview(of: definition.webhook(id: definition.id ?? WebhookID(0)), status, device))
                }
            } catch {
                answer(.failure(.invalid(error.faults.map(FaultView.init))))
            }
        }
    }

    /// The definition in force: the one that an edit of the file looks for.
    func identity(of id: WebhookID) -> WebhookIdentity? {
        plan.webhooks.first { $0.id == id }.map { WebhookIdentity(id: id, name: $0.name) }
    }

    func createWebhook(
        _ json: [UInt8], by editor: WebhookEditor,
        _ answer: @escaping @Sendable (Result<WebhookView, ControlError>) -> Void
    ) {
        let definition: WebhookDefinition
        do {
            definition = try WebhookDefinition(asked: json, ignoring: WebhookView.readOnly)
        } catch {
            return answer(.failure(.invalid(error.faults.map(FaultView.init))))
        }
        guard definition.id == nil else {
            return answer(
                .failure(.conflict(problem: "The agent gives the id.", advice: "Leave it out, or edit that webhook.")))
        }
        if let objection = editor.objection(to: definition, beside: nil) { return answer(.failure(objection)) }
        // The number is taken first, so that the file never has a definition whose number depends on its name.
        reserve { [self] result in
            switch result {
            case .failure(let error): answer(.failure(ControlError(error)))
            case .success(let id):
                var definition = definition
                definition.id = id
                append(definition, id, by: editor.actor, answer)
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
        _ id: WebhookID, _ json: [UInt8], isPatch: Bool, ifMatch: String?, by editor: WebhookEditor,
        _ answer: @escaping @Sendable (Result<WebhookView, ControlError>) -> Void
    ) {
        guard let identity = identity(of: id) else { return answer(.failure(unknown(id))) }
        edit(.webhook(id), by: editor.actor) { document in
            guard let old = document.definition(of: identity) else { return .failure(unknown(id)) }
            if let ifMatch, ifMatch != old.tag { return .failure(.changedMeanwhile) }
            do throws(InvalidConfiguration) {
                let (new, changes) = try old.changes(by: json, isPatch: isPatch, ignoring: WebhookView.readOnly)
                guard new.id == nil || new.id == id else {
                    return .failure(.conflict(problem: "The id of a webhook never changes.", advice: "Leave it out."))
                }
                if let objection = editor.objection(to: new, beside: old) { return .failure(objection) }
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
            delivery.suspend(delivery.suspended.symmetricDifference([id]), now: .now())
            if !isSuspended { gone.remove(id) }
            ledger.add { $0.suspensions[id] = isSuspended }
            note(
                actor, isSuspended ? "webhook.suspend" : "webhook.resume", "webhook \(id.value)",
                before: was ? "suspended" : "", after: isSuspended ? "suspended" : "")
        }
        // Who says that it goes on does not want to wait for the next try.
        if !isSuspended { delivery.tryNow(id, now: .now()) }
        return view(of: id)
    }

    /// Sends one marked callback now and answers with what came of it.
    func test(
        _ id: WebhookID, by actor: String, _ answer: @escaping @Sendable (Result<TestView, ControlError>) -> Void
    ) {
        guard let webhook = plan.webhooks.first(where: { $0.id == id }) else { return answer(.failure(unknown(id))) }
        let time = WallTime.now()
        let facts = CallbackFacts(testOf: webhook, at: time, host: plan.host, organisation: plan.organisation)
        let isBegun = delivery.test(
            id, id: CallbackID(using: &random), content: webhook.format.content(of: facts), now: .now(), wall: time
        ) { answer(.success(TestView($0))) }
        guard isBegun else {
            return answer(
                .failure(
                    .conflict(problem: "Several tests are under way.", advice: "Wait for them, and try again.")))
        }
        note(actor, "webhook.test", "webhook \(id.value)", before: "", after: "")
    }

    private func reserve(_ done: @escaping (Result<WebhookID, StoreError>) -> Void) {
        reservations.append(done)
        committer.submitReservation()
    }
}

extension WebhookEditor {
    /// Why this one may not name the places of these secrets, or allow an address; nil when he may.
    fileprivate func objection(to new: WebhookDefinition, beside old: WebhookDefinition?) -> ControlError? {
        if mayNameAnyPlace { return nil }
        let known = Set((old?.addresses.allow ?? []).map(\.description))
        if let range = new.addresses.allow.map(\.description).first(where: { !known.contains($0) }) {
            return .forbidden(
                problem: "Only root and the agent's own user may allow \(range).",
                advice: "Have it written into the file by hand, or leave it out.")
        }
        guard let place = new.strangePlace(beside: old) else { return nil }
        return .forbidden(
            problem: "Only root and the agent's own user may have something sent from \(place).",
            advice:
                "Name a file without a slash, in $CREDENTIALS_DIRECTORY or beside the configuration file, or a variable "
                + "that begins with PLUGHOOK_; or have it written into the file by hand.")
    }
}

/// The refusal of what is asked of a webhook that is not there.
private func unknown(_ id: WebhookID) -> ControlError { .notFound(what: "webhook \(id.value)", nearest: nil) }

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
    fileprivate static let readOnly: Set<String> = ["isSuspended", "away", "waiting", "inFlight", "etag"]
}
