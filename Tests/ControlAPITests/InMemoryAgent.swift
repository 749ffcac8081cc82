import ControlAPI
import Core
import Linux
import Synchronization

/// Stands where the agent is: keeps what it is given, and answers from it.
final class InMemoryAgent: ControlledAgent {
    struct State {
        var phase = "ready"
        var devices: [DeviceView] = []
        var unidentified: [UnidentifiedView] = []
        var sessions: [SessionView] = []
        /// What is thrown when a session is to start; nil starts it.
        var startRefusal: ControlError?
        /// A start waits until this is so.
        var mayStart = true
        /// Whose connection was closed.
        var left: [SessionID] = []
        var history: [EventView] = []
        var webhooks: [WebhookView] = []
        var deliveries: [DeliveryView] = []
        var tokens: [TokenView] = []
        var pageSessions: [PageSession] = []
        /// What was given for the last token that was made.
        var digest: TokenDigest?
        var lastBody: [UInt8] = []
        /// What else happens at a reload.
        var onReload: @Sendable () async -> Void = {}
        /// What each change was: `actor: what`.
        var audit: [String] = []
        /// Who has defined webhooks.
        var editors: [WebhookEditor] = []
        /// Thrown by every call that can throw, when it is there.
        var refusal: ControlError?
        var subscribers: [Int: Subscriber] = [:]
        var nextSubscriber = 0
    }

    struct Subscriber {
        let continuation: AsyncStream<EventView>.Continuation
        let isCutOff: Flag
    }

    final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private struct Waiter {
        let condition: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private let inner = Locked((state: State(), waiters: [Waiter]()))
    private let telling = Locked(())

    @discardableResult
    func change<T: Sendable>(_ change: (inout State) -> T) -> T {
        let (result, ready) = inner.withLock { inner -> (T, [Waiter]) in
            let result = change(&inner.state)
            let ready = inner.waiters.filter { $0.condition(inner.state) }
            inner.waiters.removeAll { $0.condition(inner.state) }
            return (result, ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return result
    }

    /// Returns once this is so.
    func until(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isSo = inner.withLock { inner in
                if condition(inner.state) { return true }
                inner.waiters.append(Waiter(condition: condition, continuation: continuation))
                return false
            }
            if isSo { continuation.resume() }
        }
    }

    /// Puts an event on record and tells all readers, as the agent does after a commit.
    func happens(_ event: EventView) {
        // In their order. Readers are told without the state's lock: what ends one takes it.
        telling.withLock { _ in
            let subscribers = change { state in
                state.history.append(event)
                return Array(state.subscribers.values)
            }
            for subscriber in subscribers {
                if case .dropped = subscriber.continuation.yield(event) {
                    subscriber.isCutOff.set()
                    subscriber.continuation.finish()
                }
            }
        }
    }

    func state() throws(ControlError) -> State {
        let state = inner.withLock { $0.state }
        if let refusal = state.refusal { throw refusal }
        return state
    }

    func record(_ what: String, by actor: String) { change { $0.audit.append("\(actor): \(what)") } }

    private func webhook(_ id: Int64) throws(ControlError) -> WebhookView {
        guard let webhook = try state().webhooks.first(where: { $0.id == id }) else {
            throw .notFound(what: "webhook \(id)", nearest: nil)
        }
        return webhook
    }

    func status() async -> StatusView {
        let state = inner.withLock { $0.state }
        return StatusView(
            version: "1", host: "rack-3", pid: 1, startedAt: "2026-01-01T00:00:00.000Z", phase: state.phase,
            hotplugSource: "udev", devices: [:], waiting: 0, inFlight: 0,
            configurationFile: "/etc/plughook/config.json",
            lastReload: nil, sensors: [], appium: [], problems: [])
    }

    func devices() async -> DeviceList {
        inner.withLock { DeviceList(devices: $0.state.devices, unidentified: $0.state.unidentified) }
    }

    func forget(_ device: UDID, by actor: String) async throws(ControlError) {
        let known = try known(device)
        guard known.status == "unplugged" else {
            throw .conflict(problem: "It is plugged in.", advice: "Pull it first.")
        }
        record("forget \(device)", by: actor)
    }

    func expectAbsence(of device: UDID, json: [UInt8], by actor: String) async throws(ControlError) -> DeviceView {
        var known = try known(device)
        known.expectedAbsence = ExpectedAbsenceView(until: "2026-01-01T00:10:00.000Z", reason: "flashing")
        change { $0.lastBody = json }
        record("expect absence of \(device)", by: actor)
        return known
    }

    func cancelExpectedAbsence(of device: UDID, by actor: String) async throws(ControlError) -> DeviceView {
        let known = try known(device)
        record("cancel absence of \(device)", by: actor)
        return known
    }

    private func known(_ device: UDID) throws(ControlError) -> DeviceView {
        guard let known = try state().devices.first(where: { $0.udid == device.description }) else {
            throw .notFound(what: "device \(device)", nearest: nil)
        }
        return known
    }

    // MARK: - Sessions

    func sessions() async -> SessionList { SessionList(sessions: inner.withLock { $0.state.sessions }, waiting: []) }

    func session(_ id: SessionID) async throws(ControlError) -> SessionView {
        guard let session = try state().sessions.first(where: { $0.id == id.description }) else {
            throw .notFound(what: "session \(id)", nearest: nil)
        }
        return session
    }

    func startSession(
        _ id: SessionID, json: [UInt8], by caller: SessionCaller
    ) async throws(ControlError) -> SessionView {
        if let refusal = try state().startRefusal { throw refusal }
        let isConnection = String(decoding: json, as: UTF8.self).contains("connection")
        let session = SessionView.sample(
            id: id.description, boundTo: isConnection ? "connection" : "heartbeats", startedBy: caller.actor)
        await until { $0.mayStart || $0.left.contains(id) }
        change {
            $0.sessions.append(session)
            $0.lastBody = json
        }
        record(
            "start, pid \(caller.pid == nil ? "unknown" : "known"), may revoke: \(caller.mayRevoke)", by: caller.actor)
        return session
    }

    func heartbeat(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        record("heartbeat", by: caller.actor)
        return try await session(id)
    }

    func endSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        var session = try await session(id)
        change { $0.sessions.removeAll { $0.id == session.id } }
        record("end", by: caller.actor)
        session.endReason = "released"
        return session
    }

    func holdSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView {
        record("hold", by: caller.actor)
        return try await session(id)
    }

    func connectionClosed(of id: SessionID) {
        change { state in
            state.left.append(id)
            state.sessions.removeAll { $0.id == id.description }
        }
    }

    func sessionEnd(_ id: SessionID) async -> SessionView? {
        await until { !$0.sessions.contains { $0.id == id.description } }
        return SessionView.sample(id: id.description, boundTo: "connection", endReason: "revoked")
    }

    func events(after: Int64?, before: Int64?, device: UDID?, limit: Int) async throws(ControlError) -> EventPage {
        var events = try state().history.filter { device == nil || $0.udid == device?.description }
        if let after { events = events.filter { $0.number > after } }
        if let before { events = events.filter { $0.number < before }.reversed() }
        return EventPage(events: Array(events.prefix(limit)), missing: nil)
    }

    func eventBounds() async throws(ControlError) -> (oldest: Int64, newest: Int64)? {
        let history = try state().history
        guard let first = history.first, let last = history.last else { return nil }
        return (first.number, last.number)
    }

    func subscribe(limit: Int) -> EventSubscription {
        let (stream, continuation) = AsyncStream.makeStream(
            of: EventView.self, bufferingPolicy: .bufferingOldest(limit))
        let flag = Flag()
        change { state in
            let key = state.nextSubscriber
            state.nextSubscriber += 1
            state.subscribers[key] = Subscriber(continuation: continuation, isCutOff: flag)
            continuation.onTermination = { [weak self] _ in self?.change { $0.subscribers[key] = nil } }
        }
        return EventSubscription(events: stream) { flag.isSet }
    }

    func deliveries(_ query: DeliveryQuery) async throws(ControlError) -> DeliveryPage {
        let found = try state().deliveries.filter { one in
            (query.webhook ?? one.webhookId) == one.webhookId && (query.state ?? one.state) == one.state
                && (query.device?.description ?? one.udid) == one.udid
                && query.since.map { $0.description <= one.createdAt } ?? true
                && query.until.map { one.createdAt < $0.description } ?? true
        }
        return DeliveryPage(deliveries: Array(found.prefix(query.limit)), next: query.before)
    }

    func delivery(_ id: String) async throws(ControlError) -> DeliveryView {
        guard let delivery = try state().deliveries.first(where: { $0.id == id }) else {
            throw .notFound(what: "delivery \(id)", nearest: nil)
        }
        return delivery
    }

    func redeliver(_ id: String, by actor: String) async throws(ControlError) -> RedeliveryView {
        _ = try await delivery(id)
        record("redeliver \(id)", by: actor)
        return RedeliveryView(redelivered: 1, next: nil)
    }

    func redeliver(json: [UInt8], by actor: String) async throws(ControlError) -> RedeliveryView {
        _ = try state()
        record("redeliver \(String(decoding: json, as: UTF8.self))", by: actor)
        return RedeliveryView(redelivered: 500, next: 777)
    }

    func webhooks() async -> [WebhookView] { inner.withLock { $0.state.webhooks } }

    func matches(of id: Int64) async throws(ControlError) -> MatchView {
        let webhook = try webhook(id)
        return MatchView(
            events: webhook.events, devices: [MatchedDeviceView(udid: "a", name: "Pixel", status: nil)], others: 3)
    }

    func preview(_ id: Int64, event: Status, device: UDID?) async throws(ControlError) -> PreviewView {
        let webhook = try webhook(id)
        return PreviewView(
            headers: ["Content-Type: text/plain"],
            body: "\(webhook.name) \(event.rawValue) \(device?.description ?? "-")")
    }

    func createWebhook(json: [UInt8], by editor: WebhookEditor) async throws(ControlError) -> WebhookView {
        _ = try state()
        let webhook = WebhookView.sample(id: 130, name: String(decoding: json, as: UTF8.self))
        change { $0.webhooks.append(webhook) }
        record("create", by: editor.actor)
        change { $0.editors.append(editor) }
        return webhook
    }

    func editWebhook(
        _ id: Int64, json: [UInt8], isPatch: Bool, ifMatch: String?, by editor: WebhookEditor
    ) async throws(ControlError) -> WebhookView {
        let webhook = try webhook(id)
        if let ifMatch, ifMatch != webhook.etag { throw .changedMeanwhile }
        record("\(isPatch ? "patch" : "replace") \(id)", by: editor.actor)
        return webhook
    }

    func deleteWebhook(_ id: Int64, ifMatch: String?, by actor: String) async throws(ControlError) -> Int {
        let webhook = try webhook(id)
        if let ifMatch, ifMatch != webhook.etag { throw .changedMeanwhile }
        record("delete \(id)", by: actor)
        return 3
    }

    func suspendWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView {
        record("suspend \(id)", by: actor)
        return try webhook(id)
    }

    func resumeWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView {
        record("resume \(id)", by: actor)
        return try webhook(id)
    }

    func testWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> TestView {
        _ = try webhook(id)
        record("test \(id)", by: actor)
        return TestView(
            outcome: "delivered", statusCode: 200, detail: "", answer: "ok", nameLookupMs: nil, connectMs: 1,
            tlsMs: nil,
            firstByteMs: 2, totalMs: 3)
    }

    func tokens() async -> [TokenView] { inner.withLock { $0.state.tokens } }

    func createToken(
        json: [UInt8], digest: TokenDigest, by actor: String
    ) async throws(ControlError) -> TokenView {
        _ = try state()
        let token = TokenView(name: "é/1", permissions: ["device.view"], expires: nil)
        change {
            $0.tokens.append(token)
            $0.digest = digest
            $0.lastBody = json
        }
        record("token", by: actor)
        return token
    }

    func revokeToken(_ name: String, by actor: String) async throws(ControlError) {
        guard try state().tokens.contains(where: { $0.name == name }) else {
            throw .notFound(what: "token \(name)", nearest: "ci")
        }
        change { $0.tokens.removeAll { $0.name == name } }
        record("revoke \(name)", by: actor)
    }

    func reload(by actor: String) async -> ReloadView {
        record("reload", by: actor)
        await inner.withLock { $0.state.onReload }()
        return ReloadView(isInForce: true, at: "2026-01-01T00:00:00.000Z", faults: [], problem: nil)
    }

    func configuration() async -> [UInt8] { Array(#"{ "orgId": 2 }"#.utf8) }

    func audit(before: Int64?, limit: Int) async throws(ControlError) -> AuditPage {
        _ = try state()
        return AuditPage(entries: [], next: before)
    }

    func metrics() async -> MetricsSnapshot {
        MetricsSnapshot(families: [.init("events_total", "Status events.", .counter, [.init(3)])])
    }
}
