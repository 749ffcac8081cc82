internal import PlughookConfiguration
internal import ControlAPI
internal import Core
internal import Delivery
internal import Linux
internal import Store

/// What the control API asks, answered on the agent's loop, or from the history beside it.
final class AgentControl: ControlledAgent {
    private let loop: LoopAccess
    private let history: History
    private let feed: EventFeed

    init(loop: LoopAccess, history: History, feed: EventFeed) {
        self.loop = loop
        self.history = history
        self.feed = feed
    }

    // MARK: - What is

    func status() async -> StatusView { await loop.ask { $0.statusView } }

    func devices() async -> DeviceList { await loop.ask { $0.deviceList } }

    func forget(_ device: UDID, by actor: String) async throws(ControlError) {
        try await loop.ask { $0.answerOnceOnDisk($0.forget(device, by: actor), $1) }.get()
    }

    func expectAbsence(
        of device: UDID, json: [UInt8], by actor: String
    ) async throws(ControlError) -> DeviceView {
        try await loop.ask { $0.answerOnceOnDisk($0.expectAbsence(of: device, json, by: actor), $1) }.get()
    }

    func cancelExpectedAbsence(of device: UDID, by actor: String) async throws(ControlError) -> DeviceView {
        try await loop.ask { $0.answerOnceOnDisk($0.cancelExpectedAbsence(of: device, by: actor), $1) }.get()
    }

    func configuration() async -> [UInt8] { await loop.ask { Array($0.configuration.literal.prettyText.utf8) } }

    func metrics() async -> MetricsSnapshot { await loop.ask { $0.metrics } }

    // MARK: - Sessions

    func sessions() async -> SessionList { await loop.ask { $0.sessionList } }

    func session(_ id: SessionID) async throws(ControlError) -> SessionView {
        if let live = await loop.ask({ $0.sessionView(id) }) { return live }
        guard let past = try await past(id) else { throw .notFound(what: "session \(id)".printable, nearest: nil) }
        return past
    }

    func startSession(
        _ id: SessionID, json: [UInt8], by caller: SessionCaller
    ) async throws(ControlError) -> SessionView {
        try await loop.ask { agent, answer in agent.startSession(id, json, by: caller, answer) }.get()
    }

    func heartbeat(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        try await ofLive(id) { $0.heartbeat(id, by: caller) }
    }

    func endSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        try await ofLive(id) { $0.endSession(id, by: caller) }
    }

    func holdSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        try await ofLive(id) { $0.holdSession(id, by: caller) }
    }

    /// Whoever comes too late is told how it ended.
    private func ofLive(
        _ id: SessionID, _ act: @escaping @Sendable (Agent) -> Result<SessionView, ControlError>
    ) async throws(ControlError) -> SessionView {
        let result = await loop.ask { $0.answerOnceOnDisk(act($0), $1) }
        guard case .failure(.notFound) = result, let past = try await past(id), let end = past.endReason else {
            return try result.get()
        }
        throw .conflict(
            problem: "The session has ended (\(end)) at \(past.endedAt ?? "a time unknown").",
            advice: "Start another.")
    }

    private func past(_ id: SessionID) async throws(ControlError) -> SessionView? {
        do {
            guard let found = try await history.session(id) else { return nil }
            return SessionView(found, of: await loop.ask { $0.tracker.phone(found.session.device)?.record })
        } catch {
            throw ControlError(error)
        }
    }

    func connectionClosed(of id: SessionID) {
        loop.tell { $0.handle(.sessionEnded(id, .connectionClosed), .now()) }
    }

    func sessionEnd(_ id: SessionID) async -> SessionView? {
        await loop.ask { agent, answer in agent.waitForEnd(of: id, answer) }
    }

    // MARK: - What was

    func events(
        after: Int64?, before: Int64?, device: UDID?, limit: Int
    ) async throws(ControlError) -> EventPage {
        do {
            guard let after else {
                let before = before.map { EventNumber($0) }
                let latest = try await history.latestEvents(before: before, limit: limit, device: device)
                return EventPage(events: latest.map(EventView.init), missing: nil)
            }
            let events = try await history.events(after: EventNumber(after), limit: limit, device: device)
            let oldest = try await history.eventBounds()?.oldest.value ?? 1
            let missing = oldest > after + 1 ? NumberRange(first: after + 1, last: oldest - 1) : nil
            return EventPage(events: events.map(EventView.init), missing: missing)
        } catch {
            throw ControlError(error)
        }
    }

    func eventBounds() async throws(ControlError) -> (oldest: Int64, newest: Int64)? {
        do {
            return try await history.eventBounds().map { ($0.oldest.value, $0.newest.value) }
        } catch {
            throw ControlError(error)
        }
    }

    func subscribe(limit: Int) -> EventSubscription { feed.subscribe(limit: limit) }

    func deliveries(_ query: DeliveryQuery) async throws(ControlError) -> DeliveryPage {
        let filter = DeliveryFilter(
            webhook: query.webhook.map { WebhookID($0) }, device: query.device,
            state: query.state.flatMap(DeliveryState.init), since: query.since, until: query.until)
        do {
            let found = try await history.deliveries(filter, before: query.before, limit: query.limit)
            return DeliveryPage(
                deliveries: found.map(DeliveryView.init),
                next: found.count == query.limit ? found.last?.position : nil)
        } catch {
            throw ControlError(error)
        }
    }

    func delivery(_ id: String) async throws(ControlError) -> DeliveryView {
        do {
            if let found = try await history.delivery(CallbackID(id)) { return DeliveryView(found) }
        } catch {
            throw ControlError(error)
        }
        throw .notFound(what: "callback \(id.printable)", nearest: nil)
    }

    func redeliver(_ id: String, by actor: String) async throws(ControlError) -> RedeliveryView {
        let found = try await delivery(id)
        guard found.state != DeliveryState.pending.rawValue else {
            throw .conflict(
                problem: "The callback \(id.printable) waits already.",
                advice: "plughook webhooks resume \(found.webhookId) has a receiver that is away tried at once.")
        }
        var meant = Redelivery()
        meant.id = CallbackID(id)
        let answer = try await renew(meant, by: actor)
        guard answer.redelivered > 0 else {
            throw .conflict(
                problem: "The webhook \(found.webhookId) of the callback \(id.printable) is gone.",
                advice: "Only what has a receiver can be sent again.")
        }
        return answer
    }

    func redeliver(json: [UInt8], by actor: String) async throws(ControlError) -> RedeliveryView {
        let order: RedeliveryOrder
        do {
            order = try RedeliveryOrder(json: json)
        } catch {
            throw .invalid(error.faults.map(FaultView.init))
        }
        var meant = Redelivery()
        meant.filter = DeliveryFilter(
            webhook: order.webhook.map { WebhookID($0) }, device: order.device.map { UDID($0) }, state: order.state,
            since: order.since, until: order.until)
        meant.after = order.after
        guard order.isDryRun else { return try await renew(meant, by: actor) }
        do {
            return RedeliveryView(matching: try await history.count(meant), redelivered: 0, next: nil)
        } catch {
            throw ControlError(error)
        }
    }

    private func renew(_ meant: Redelivery, by actor: String) async throws(ControlError) -> RedeliveryView {
        try await loop.ask { [meant] agent, answer in agent.redeliver(meant, by: actor, answer) }.get()
    }

    func audit(before: Int64?, limit: Int) async throws(ControlError) -> AuditPage {
        do {
            let found = try await history.audit(before: before, limit: limit)
            return AuditPage(
                entries: found.map(AuditView.init), next: found.count == limit ? found.last?.position : nil)
        } catch {
            throw ControlError(error)
        }
    }

    // MARK: - Webhooks

    func webhooks() async -> [WebhookView] { await loop.ask { $0.webhookViews } }

    func matches(of id: Int64) async throws(ControlError) -> MatchView {
        try await loop.ask { $0.matches(of: WebhookID(id)) }.get()
    }

    func matches(json: [UInt8]) async throws(ControlError) -> MatchView {
        do {
            let question = try ScopeQuestion(json: json)
            return await loop.ask { $0.matches(question.scope, Status.allCases) }
        } catch {
            throw .invalid(error.faults.map(FaultView.init))
        }
    }

    func preview(
        json: [UInt8], event: Status, device: UDID?, by editor: WebhookEditor
    ) async throws(ControlError) -> PreviewView {
        try await loop.ask { agent, answer in agent.preview(json, event, device, by: editor, answer) }.get()
    }

    func preview(_ id: Int64, event: Status, device: UDID?) async throws(ControlError) -> PreviewView {
        try await loop.ask { $0.preview(of: WebhookID(id), event, device) }.get()
    }

    func createWebhook(json: [UInt8], by editor: WebhookEditor) async throws(ControlError) -> WebhookView {
        try await loop.ask { agent, answer in agent.createWebhook(json, by: editor, answer) }.get()
    }

    func editWebhook(
        _ id: Int64, json: [UInt8], isPatch: Bool, ifMatch: String?, by editor: WebhookEditor
    ) async throws(ControlError) -> WebhookView {
        try await loop.ask { agent, answer in
            agent.editWebhook(WebhookID(id), json, isPatch: isPatch, ifMatch: ifMatch, by: editor, answer)
        }.get()
    }

    func deleteWebhook(_ id: Int64, ifMatch: String?, by actor: String) async throws(ControlError) -> Int {
        try await loop.ask { agent, answer in
            agent.deleteWebhook(WebhookID(id), ifMatch: ifMatch, by: actor, answer)
        }.get()
    }

    func suspendWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView {
        try await loop.ask { $0.answerOnceOnDisk($0.suspend(WebhookID(id), true, by: actor), $1) }.get()
    }

    func resumeWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView {
        try await loop.ask { $0.answerOnceOnDisk($0.suspend(WebhookID(id), false, by: actor), $1) }.get()
    }

    func testWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> TestView {
        try await loop.ask { agent, answer in agent.test(WebhookID(id), by: actor, answer) }.get()
    }

    // MARK: - Tokens

    func tokens() async -> [TokenView] { await loop.ask { $0.tokenViews } }

    func createToken(
        json: [UInt8], digest: TokenDigest, by actor: String
    ) async throws(ControlError) -> TokenView {
        try await loop.ask { agent, answer in agent.createToken(json, digest, by: actor, answer) }.get()
    }

    func revokeToken(_ name: String, by actor: String) async throws(ControlError) {
        try await loop.ask { agent, answer in agent.revokeToken(name, by: actor, answer) }.get()
    }

    // MARK: - The page

    func signedIn(_ session: PageSession, insteadOf ended: [PageSession], by actor: String) async {
        _ = await loop.ask { $0.answerOnceOnDisk($0.signedIn(session, insteadOf: ended, by: actor), $1) }
    }

    func signedOut(_ session: PageSession, by actor: String) async {
        _ = await loop.ask { $0.answerOnceOnDisk($0.signedOut(session, by: actor), $1) }
    }

    func createSecret(json: [UInt8], by actor: String) async throws(ControlError) -> NewSecretView {
        try await loop.ask { agent, answer in agent.createSecret(json, by: actor, answer) }.get()
    }

    // MARK: - The file

    func reload(by actor: String) async -> ReloadView {
        await loop.ask { agent, answer in agent.reload(by: actor, answer) }
    }
}

extension ControlError {
    init(_ error: StoreError) {
        self = .unavailable(problem: error.description, advice: "try again; plughook status says what is wrong")
    }
}
