extension Status {
    /// The status that follows from the three inputs; first match wins. Nil as long as nothing can be said.
    ///
    /// A phone whose absence is expected is offline while it is away; one of which it was told already stays unplugged.
    package init?(
        presence: Presence, health: Verdict, isUtilizing: Bool, lastReported: Status?, isAbsenceExpected: Bool = false
    ) {
        let status: Status? =
            switch (presence, health) {
            case (.unconfirmed, _): lastReported
            case (.absent, _):
                switch lastReported {
                case .online?, .offline?, .utilizing?: isAbsenceExpected ? .offline : .unplugged
                case .unplugged?, nil: .unplugged
                }
            case (.present, _), (.leaving, _):
                switch health {
                case .unknown, .missing, .unsensed: lastReported
                case .notReady: .offline
                case .ready: isUtilizing ? .utilizing : .online
                }
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
