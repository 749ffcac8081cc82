/// Somebody wants to use a phone.
package struct SessionRequest: Hashable, Sendable {
    package let id: SessionID
    package let target: SessionTarget
    package let owner: String
    package let startedBy: String
    package let kind: Session.Kind
    package let labels: [String: String]
    /// Refused while another session that counts is on the phone, and keeps others away while it lives.
    package let isExclusive: Bool
    package let binding: SessionBinding
    /// Nil: it needs no heartbeat, for it is bound to something that lives.
    package let timeToLive: Duration?
    package let longest: Duration
    /// A phone that is offline gets the session too, and is utilizing once it is ready.
    package let isForced: Bool
    /// How long it may wait for a phone; zero: not at all.
    package let patience: Duration

    /// Who takes any phone gets it for himself alone.
    package init(
        id: SessionID, target: SessionTarget, owner: String, startedBy: String, kind: Session.Kind = .session,
        labels: [String: String] = [:], isExclusive: Bool = false, binding: SessionBinding = .lease,
        timeToLive: Duration?, longest: Duration, isForced: Bool = false, patience: Duration = .zero
    ) {
        self.id = id
        self.target = target
        self.owner = owner
        self.startedBy = startedBy
        self.kind = kind
        self.labels = labels
        self.isExclusive = if case .any = target { true } else { isExclusive }
        self.binding = binding
        self.timeToLive = timeToLive
        self.longest = longest
        self.isForced = isForced
        self.patience = patience
    }

    func session(at now: MonotonicTime) -> Session {
        Session(
            id: id, owner: owner, startedBy: startedBy, kind: kind, labels: labels, isExclusive: isExclusive,
            binding: binding, startedAt: now, timeToLive: timeToLive, lastDeadline: now + longest,
            idleDeadline: timeToLive.map { now + $0 })
    }
}

package enum SessionTarget: Hashable, Sendable {
    case device(UDID)
    /// Any that is online, free, and fits.
    case any(DeviceFilter)
}

/// Which phones are meant; what is not given fits all.
package struct DeviceFilter: Hashable, Sendable {
    package var platform: Platform?
    /// All of them, with these values.
    package var labels: [String: String]
    package var name: Glob?

    package init(platform: Platform? = nil, labels: [String: String] = [:], name: Glob? = nil) {
        self.platform = platform
        self.labels = labels
        self.name = name
    }

    package func matches(_ record: DeviceRecord, labels others: [String: String]) -> Bool {
        (platform == nil || platform == record.platform) && (name?.matches(record.name) ?? true)
            && labels.allSatisfy { others[$0.key] == $0.value }
    }
}

/// Why a session could not start.
package enum SessionRefusal: Hashable, Sendable {
    case unknownDevice
    case notPresent
    case notReady(Reason)
    /// These have it, and one side wants it for itself alone; in the order of their start.
    case held([SessionID])
    /// The phone holds as many sessions as one may.
    case tooMany
    /// Of those that fit, so many are known, and none is online and free.
    case noneFree(known: Int)
    /// Nothing became free within the time.
    case waitedInVain
    case tooManyWaiting
    /// A session of this name lives or waits.
    case nameTaken
}
