package import Core

/// The agent, as the control API sees it. Every answer is of one moment of the agent's loop.
///
/// Safe to call from any task; no call waits for a phone or a receiver, except `test`.
package protocol ControlledAgent: Sendable {
    func status() async -> StatusView
    /// All that are known or there.
    func devices() async -> DeviceList
    /// Forgets a phone that is unplugged and not listed; throws `notFound` or `conflict`.
    func forget(_ device: UDID, by actor: String) async throws(ControlError)
    /// Takes a phone that goes away for offline until it is back or the time is up. `json` is the body as it came;
    /// throws `notFound`, and `invalid` with every fault in it.
    func expectAbsence(of device: UDID, json: [UInt8], by actor: String) async throws(ControlError) -> DeviceView
    /// The same as if the time were up; nothing happens where no absence is expected. Throws `notFound`.
    func cancelExpectedAbsence(of device: UDID, by actor: String) async throws(ControlError) -> DeviceView

    /// All that live, and those who wait for a phone.
    func sessions() async -> SessionList
    /// Also one that has ended, as long as it is kept. Throws `notFound`.
    func session(_ id: SessionID) async throws(ControlError) -> SessionView
    /// Starts a session under a name that was never given before; `json` is the body as it came. Returns once it is on
    /// disk, after a wait for a phone if the body says so. Throws `invalid`, `notFound`, `conflict` or `unavailable`.
    func startSession(_ id: SessionID, json: [UInt8], by caller: SessionCaller) async throws(ControlError)
        -> SessionView
    /// Throws `notFound`, `conflict` when it has ended, `forbidden` when it is somebody else's.
    func heartbeat(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView
    /// Throws as `heartbeat` does; returns what it was when it ended.
    func endSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView
    /// Binds a session whose connection was lost to a new one. Throws as `heartbeat` does, and `conflict` when it is
    /// bound to something else.
    func holdSession(_ id: SessionID, by caller: SessionCaller) async throws(ControlError) -> SessionView
    /// Whoever asked for it has gone: it is not waited for any more, or ends. Returns at once.
    func connectionClosed(of id: SessionID)
    /// Returns when it has ended, with what it was then; nil when the agent stops before.
    func sessionEnd(_ id: SessionID) async -> SessionView?

    /// Ascending from the first event after `after`, or descending from the last one before `before`; never both.
    func events(after: Int64?, before: Int64?, device: UDID?, limit: Int) async throws(ControlError) -> EventPage
    /// The numbers of the oldest and the newest event that are kept; nil when there is none.
    func eventBounds() async throws(ControlError) -> (oldest: Int64, newest: Int64)?
    /// Events from now on, each once it is on disk, in order. At most `limit` wait for a reader; one that is further
    /// behind is cut off: its stream ends, and `wasCutOff` says why.
    func subscribe(limit: Int) -> EventSubscription

    func deliveries(_ query: DeliveryQuery) async throws(ControlError) -> DeliveryPage
    func delivery(_ id: String) async throws(ControlError) -> DeliveryView
    /// Has a settled callback sent again, with the same id and bytes. Throws `notFound`, and `conflict` when it is pending
    /// or its webhook is gone.
    func redeliver(_ id: String, by actor: String) async throws(ControlError) -> RedeliveryView
    /// The same for up to 500 that are meant, the oldest first; `json` is the body as it came. Throws `invalid` with every
    /// fault in it, and `conflict` when there is no room for what waits.
    func redeliver(json: [UInt8], by actor: String) async throws(ControlError) -> RedeliveryView

    func webhooks() async -> [WebhookView]
    /// Which phones and changes a webhook hears of.
    func matches(of id: Int64) async throws(ControlError) -> MatchView
    /// Which phones a filter would mean that is not saved. `json` is the body as it came; throws `invalid`.
    func matches(json: [UInt8]) async throws(ControlError) -> MatchView
    /// The same as the next, of a definition that is not saved; throws `invalid` with every fault in it, and `forbidden`
    /// where it names a place that this one may not name.
    func preview(
        json: [UInt8], event: Status, device: UDID?, by editor: WebhookEditor
    ) async throws(ControlError) -> PreviewView
    /// What a webhook would be sent of that change now; of a phone that is made up when none is named.
    func preview(_ id: Int64, event: Status, device: UDID?) async throws(ControlError) -> PreviewView
    /// Writes a definition into the configuration file and puts it in force. `json` is the body as it came; throws
    /// `invalid` with every fault in it, and `forbidden` where it names a place that this one may not name.
    func createWebhook(json: [UInt8], by editor: WebhookEditor) async throws(ControlError) -> WebhookView
    /// Replaces (`isPatch` false) or merges (RFC 7396). With `ifMatch` only if the definition still has this tag.
    func editWebhook(
        _ id: Int64, json: [UInt8], isPatch: Bool, ifMatch: String?, by editor: WebhookEditor
    ) async throws(ControlError) -> WebhookView
    /// Takes the definition out of the file; what still waits is cancelled, on record. Returns how many that were.
    func deleteWebhook(_ id: Int64, ifMatch: String?, by actor: String) async throws(ControlError) -> Int
    func suspendWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView
    func resumeWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> WebhookView
    /// Sends one marked callback now, outside all lanes, and returns what came of it.
    func testWebhook(_ id: Int64, by actor: String) async throws(ControlError) -> TestView

    /// The tokens in force, in the order of the file.
    func tokens() async -> [TokenView]
    /// Writes a new token into the configuration file and puts it in force. `json` is the body as it came, without the
    /// digest; throws `invalid` with every fault in it, `conflict` when the name is taken.
    func createToken(json: [UInt8], digest: TokenDigest, by actor: String) async throws(ControlError) -> TokenView
    /// Takes a token out of the file; from then on it is refused. Throws `notFound` with the nearest name.
    func revokeToken(_ name: String, by actor: String) async throws(ControlError)

    /// A browser has signed in to the page, and others had to make room. Returns when that is on disk; where the disk does
    /// not take it, it holds until a restart all the same.
    func signedIn(_ session: PageSession, insteadOf ended: [PageSession], by actor: String) async
    /// It has signed out. Returns as `signedIn` does.
    func signedOut(_ session: PageSession, by actor: String) async

    /// Makes a secret for signatures, in a file of that name beside the configuration file. `json` is the body as it came;
    /// throws `invalid`, and `conflict` when there is such a file.
    func createSecret(json: [UInt8], by actor: String) async throws(ControlError) -> NewSecretView

    /// Reads the file again; what is wrong with it is in the answer, and the old configuration stays in force.
    func reload(by actor: String) async -> ReloadView
    /// The configuration in force, as JSON, secrets redacted.
    func configuration() async -> [UInt8]
    /// Newest first.
    func audit(before: Int64?, limit: Int) async throws(ControlError) -> AuditPage
    func metrics() async -> MetricsSnapshot
}

/// Why the agent did not do what it was asked for.
package enum ControlError: Error, Hashable, Sendable {
    /// There is no such device, webhook or callback; `nearest` is the one that may have been meant.
    case notFound(what: String, nearest: String?)
    /// The body is wrong; every fault of it.
    case invalid([FaultView])
    /// It cannot be done now, or not to this one.
    case conflict(problem: String, advice: String)
    /// Somebody else may do it.
    case forbidden(problem: String, advice: String)
    /// Somebody else has changed it meanwhile: read it again.
    case changedMeanwhile
    /// The disk or the file does not take it. Nothing has changed, unless `problem` says so.
    case unavailable(problem: String, advice: String)
}

/// Who defines a webhook.
package struct WebhookEditor: Hashable, Sendable {
    /// As the audit trail names people.
    package let actor: String
    /// Whether secrets may be taken from wherever the agent may read: for those who may read there anyway.
    package let mayNameAnyPlace: Bool

    package init(actor: String, mayNameAnyPlace: Bool) {
        self.actor = actor
        self.mayNameAnyPlace = mayNameAnyPlace
    }
}

/// Who starts or ends a session.
package struct SessionCaller: Hashable, Sendable {
    /// As the audit trail names people.
    package let actor: String
    /// The process that asks, when it is on this host.
    package let pid: Int32?
    /// Whether the sessions of others are at its command.
    package let mayRevoke: Bool

    package init(actor: String, pid: Int32?, mayRevoke: Bool) {
        self.actor = actor
        self.pid = pid
        self.mayRevoke = mayRevoke
    }
}

/// One reader of the live events.
package struct EventSubscription: Sendable {
    package let events: AsyncStream<EventView>
    /// True once the reader was too slow and its stream was ended for it.
    package let wasCutOff: @Sendable () -> Bool

    package init(events: AsyncStream<EventView>, wasCutOff: @escaping @Sendable () -> Bool) {
        self.events = events
        self.wasCutOff = wasCutOff
    }
}

package struct DeliveryQuery: Hashable, Sendable {
    package var webhook: Int64?
    package var device: UDID?
    /// As in `DeliveryView`.
    package var state: String?
    /// Made at that moment or later.
    package var since: WallTime?
    /// Made before that moment.
    package var until: WallTime?
    /// Only those that were committed before this position.
    package var before: Int64?
    package var limit: Int

    package init(
        webhook: Int64? = nil, device: UDID? = nil, state: String? = nil, since: WallTime? = nil,
        until: WallTime? = nil, before: Int64? = nil, limit: Int
    ) {
        self.webhook = webhook
        self.device = device
        self.state = state
        self.since = since
        self.until = until
        self.before = before
        self.limit = limit
    }
}
