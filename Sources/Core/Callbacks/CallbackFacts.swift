/// Which host this is, for receivers that hear from several.
package struct HostIdentity: Hashable, Sendable {
    package var id: String
    /// The configuration's own words about it.
    package var labels: [String: String]

    package init(id: String, labels: [String: String] = [:]) {
        self.id = id
        self.labels = labels
    }
}

/// What one callback tells, whatever its form: the same for all formats.
package struct CallbackFacts: Hashable, Sendable {
    package let creationTime: WallTime
    package let eventType: String
    package let eventActivity: String
    package let eventDescription: String
    package let deviceUDID: String
    package let deviceName: String
    package let organisation: Int64
    package let webhook: WebhookID
    package let webhookName: String
    package let host: HostIdentity
    /// Nil for a test.
    package let event: EventNumber?
    /// The place in its lane; nil for a test.
    package let sequence: Int64?
    /// Nil for a test.
    package let status: Status?
    package let previous: Status?
    package let reason: Reason?
    package let platform: Platform?
    /// Where it hangs, or was last.
    package let port: PortPath?
    /// Of the sessions on the phone at that moment, each once.
    package let owners: [String]

    package init(
        _ event: StatusEvent, at time: WallTime, host: HostIdentity, organisation: Int64,
        webhook: Webhook, sequence: Int64, owners: [String] = []
    ) {
        creationTime = time
        eventType = "DEVICE"
        eventActivity = event.status.eventActivity
        eventDescription = event.status.eventDescription
        deviceUDID = event.device.description
        deviceName = event.name
        self.organisation = organisation
        self.webhook = webhook.id
        webhookName = webhook.name
        self.host = host
        self.event = event.number
        self.sequence = sequence
        status = event.status
        previous = event.previous
        reason = event.reason
        platform = event.platform
        port = event.port
        self.owners = owners
    }

    /// Of a test callback: in each that could be mistaken stands the word that it is a test.
    package init(testOf webhook: Webhook, at time: WallTime, host: HostIdentity, organisation: Int64) {
        creationTime = time
        eventType = "TEST"
        eventActivity = "plughook.test"
        eventDescription = "Test"
        deviceUDID = "plughook-test"
        deviceName = "Test by plughook"
        self.organisation = organisation
        self.webhook = webhook.id
        webhookName = webhook.name
        self.host = host
        event = nil
        sequence = nil
        status = nil
        previous = nil
        reason = nil
        platform = nil
        port = nil
        owners = []
    }
}
