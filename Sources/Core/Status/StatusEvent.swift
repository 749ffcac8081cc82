/// The number of a status event: from 1, without gaps, never reused.
package struct EventNumber: Hashable, Comparable, Sendable {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package var next: EventNumber { EventNumber(value + 1) }
}

/// A change of the reported status of one phone, or of who uses it: numbered, immutable, on disk before anybody is told.
package struct StatusEvent: Hashable, Sendable {
    package let number: EventNumber
    package let device: UDID
    /// As it was at that moment.
    package let name: String
    package let group: DeviceGroup
    /// Nil when the phone had never been seen before.
    package let previous: Status?
    package let status: Status
    /// Why it is offline; nil for every other status.
    package let reason: Reason?
    /// Recorded and shown, never delivered: utilizing → online, the first `unplugged` of a phone never seen, and sessions.
    package let isSilent: Bool
    package let platform: Platform?
    package let port: PortPath?
    /// A session that has started or ended: then the status is what it was, and nothing is delivered.
    package let session: SessionChange?

    package init(
        number: EventNumber, device: UDID, name: String, group: DeviceGroup, previous: Status?, status: Status,
        reason: Reason?, isSilent: Bool, platform: Platform?, port: PortPath?, session: SessionChange? = nil
    ) {
        self.number = number
        self.device = device
        self.name = name
        self.group = group
        self.previous = previous
        self.status = status
        self.reason = reason
        self.isSilent = isSilent
        self.platform = platform
        self.port = port
        self.session = session
    }
}
