extension Status {
    /// The status that follows from the three inputs; first match wins. Nil as long as nothing can be said.
    package init?(presence: Presence, health: Verdict, isUtilizing: Bool, lastReported: Status?) {
        let status: Status? =
            switch (presence, health) {
            case (.unconfirmed, _): lastReported
            case (.absent, _): .unplugged
            case (.present, .unknown), (.leaving, .unknown): lastReported
            case (.present, .notReady), (.leaving, .notReady): .offline
            case (.present, .ready), (.leaving, .ready): isUtilizing ? .utilizing : .online
            }
        guard let status else { return nil }
        self = status
    }
}

/// What follows from a new status: it looks at nothing but what was last reported and what is to be reported now.
package enum EventRule: Hashable, Sendable {
    case nothing
    /// Recorded and shown; no webhook hears of it.
    case silent
    case delivered

    package init(lastReported: Status?, new: Status) {
        switch (lastReported, new) {
        case (nil, .unplugged), (.utilizing?, .online): self = .silent
        case (let last, new) where last == new: self = .nothing
        default: self = .delivered
        }
    }
}
