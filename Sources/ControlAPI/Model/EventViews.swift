package struct EventView: Codable, Hashable, Sendable {
    /// From 1, without gaps, never reused.
    package var number: Int64
    package var at: String
    package var udid: String
    package var name: String
    package var group: String
    package var previous: String?
    package var status: String
    package var reason: String?
    /// Recorded, and not delivered to any webhook.
    package var isSilent: Bool
    package var platform: String?
    package var port: String?
    /// The session that started or ended; the status is what it was, then.
    package var session: SessionChangeView?
    package init(
        number: Int64, at: String, udid: String, name: String, group: String, previous: String?, status: String,
        reason: String?, isSilent: Bool, platform: String?, port: String?, session: SessionChangeView? = nil
    ) {
        self.number = number
        self.at = at
        self.udid = udid
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

package struct SessionChangeView: Codable, Hashable, Sendable {
    package var id: String
    package var owner: String
    package var kind: String
    /// `started` or `ended`.
    package var change: String
    /// Why it ended.
    package var reason: String?
    package init(id: String, owner: String, kind: String, change: String, reason: String?) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.change = change
        self.reason = reason
    }
}

package struct EventPage: Codable, Hashable, Sendable {
    package var events: [EventView]
    /// Events that were asked for and that are not kept any more: their numbers, when there are any.
    package var missing: NumberRange?
    package init(events: [EventView], missing: NumberRange?) {
        self.events = events
        self.missing = missing
    }
}

package struct NumberRange: Codable, Hashable, Sendable {
    package var first: Int64
    package var last: Int64
    package init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }
}
