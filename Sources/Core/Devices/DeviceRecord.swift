/// Whose phone it is; `public` ones are watched and shown, and never reported to a webhook.
package enum DeviceGroup: String, Hashable, Sendable, CaseIterable {
    case `private`, local, `public`
}

package enum Platform: String, Hashable, Sendable, CaseIterable {
    case android, ios
}

/// What is remembered of a phone across restarts.
package struct DeviceRecord: Hashable, Sendable {
    package let udid: UDID
    /// The last good one, so that `unplugged` still carries it.
    package var name: String
    package var platform: Platform?
    /// Where it was last.
    package var port: PortPath?
    package var idPath: String?
    /// What it said of itself last.
    package var facts: PhoneFacts
    /// What the outside was last told; nil when nothing was ever told.
    package var reported: Status?
    package var reason: Reason?
    package var expectedAbsence: ExpectedAbsence?
    /// Two phones were seen with this serial: where the configuration binds a port, it is no identity any more.
    package var isSerialShared: Bool

    package init(
        udid: UDID, name: String, platform: Platform? = nil, port: PortPath? = nil, idPath: String? = nil,
        facts: PhoneFacts = PhoneFacts(), reported: Status? = nil, reason: Reason? = nil,
        expectedAbsence: ExpectedAbsence? = nil, isSerialShared: Bool = false
    ) {
        self.udid = udid
        self.name = name
        self.platform = platform
        self.port = port
        self.idPath = idPath
        self.facts = facts
        self.reported = reported
        self.reason = reason
        self.expectedAbsence = expectedAbsence
        self.isSerialShared = isSerialShared
    }
}
