package struct SessionView: Codable, Hashable, Sendable {
    package var id: String
    package var udid: String
    package var deviceName: String
    /// `android` or `ios`.
    package var platform: String?
    /// What its tools call the phone: what `adb -s` takes. Nil while it is not there.
    package var serial: String?
    /// Whom it is for.
    package var owner: String
    /// Who started it, as the audit trail names people; of an observed one, the watcher.
    package var startedBy: String
    /// `session`, `cleanup` or `reserved`; the last does not make a phone `utilizing`.
    package var kind: String
    package var labels: [String: String]
    package var isExclusive: Bool
    /// What it lives by: `heartbeats`, `process`, `connection` or `observed`.
    package var boundTo: String
    /// Of the process that it is bound to.
    package var pid: Int?
    package var startedAt: String
    package var heartbeatAt: String?
    /// When it ends without a heartbeat, or because what it is bound to has been lost.
    package var idleDeadline: String?
    /// When it ends whatever its heartbeats say.
    package var lastDeadline: String?
    package var endedAt: String?
    /// `released`, `expired`, `processExited`, `connectionClosed`, `deviceUnplugged` or `revoked`.
    package var endReason: String?

    package init(
        id: String, udid: String, deviceName: String, platform: String? = nil, serial: String? = nil, owner: String,
        startedBy: String, kind: String, labels: [String: String] = [:], isExclusive: Bool = false, boundTo: String,
        pid: Int? = nil,
        startedAt: String, heartbeatAt: String? = nil, idleDeadline: String? = nil, lastDeadline: String? = nil,
        endedAt: String? = nil, endReason: String? = nil
    ) {
        self.id = id
        self.udid = udid
        self.deviceName = deviceName
        self.platform = platform
        self.serial = serial
        self.owner = owner
        self.startedBy = startedBy
        self.kind = kind
        self.labels = labels
        self.isExclusive = isExclusive
        self.boundTo = boundTo
        self.pid = pid
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.idleDeadline = idleDeadline
        self.lastDeadline = lastDeadline
        self.endedAt = endedAt
        self.endReason = endReason
    }
}

/// Somebody who waits for a phone.
package struct WaitingView: Codable, Hashable, Sendable {
    package var id: String
    /// From 1.
    package var position: Int
    package var owner: String
    package var startedBy: String
    /// In words: a UDID, or what any phone must be like.
    package var target: String
    package var since: String
    package var until: String

    package init(
        id: String, position: Int, owner: String, startedBy: String, target: String, since: String, until: String
    ) {
        self.id = id
        self.position = position
        self.owner = owner
        self.startedBy = startedBy
        self.target = target
        self.since = since
        self.until = until
    }
}

package struct SessionList: Codable, Hashable, Sendable {
    /// In the order of their start.
    package var sessions: [SessionView]
    /// In the order of the queue.
    package var waiting: [WaitingView]

    package init(sessions: [SessionView], waiting: [WaitingView]) {
        self.sessions = sessions
        self.waiting = waiting
    }
}
