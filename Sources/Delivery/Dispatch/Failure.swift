package import Core

/// An attempt that came to nothing: what the lane, and the gate of its webhook, are told of it.
package struct Failure: Hashable, Sendable {
    package let outcome: Outcome
    /// The final status line's code; nil when there was none.
    package let statusCode: Int?
    /// How long the receiver wants to be left alone.
    package let retryAfter: Duration?

    package init(_ outcome: Outcome, statusCode: Int? = nil, retryAfter: Duration? = nil) {
        self.outcome = outcome
        self.statusCode = statusCode
        self.retryAfter = retryAfter
    }

    /// What it says of the receiver.
    enum Sign {
        /// It is there, and the callback is what it does not like.
        case isThere
        /// It may be away: three of these in a row, and it is taken for that.
        case mayBeAway
        /// It wants to be left alone, or cannot be reached at all.
        case isAway
        case nothing
    }

    var sign: Sign {
        switch outcome {
        case .accepted, .rejected: .isThere
        case .throttled, .blocked: .isAway
        case .http5xx where statusCode == 503 && retryAfter != nil: .isAway
        case .http4xx: statusCode == 404 || statusCode == 409 ? .mayBeAway : .nothing
        case .redirect, .auth, .http5xx, .dns, .connect, .tls, .timeout, .connection, .protocol, .resendPrevented:
            .mayBeAway
        case .gone, .internal, .cancelled: .nothing
        }
    }

    /// What it means for the callback.
    enum Treatment {
        /// Tried again by the schedule, which goes on by one step.
        case retried
        /// Tried again by the schedule, which stays where it is: the callback has nothing to do with it.
        case spared
        /// Tried a few times and then given up, for it will not become another by waiting.
        case doubted
        /// Our own trouble: tried again in a minute.
        case postponed
    }

    var treatment: Treatment {
        switch outcome {
        case .rejected: .doubted
        case .throttled, .blocked, .gone: .spared
        case .http5xx where statusCode == 503 && retryAfter != nil: .spared
        case .internal: .postponed
        case .accepted, .redirect, .auth, .http4xx, .http5xx, .dns, .connect, .tls, .timeout, .connection, .protocol,
            .resendPrevented, .cancelled:
            .retried
        }
    }

    /// It comes of what somebody has set up and will set right, not of the receiver's having a bad hour.
    var isOfConfiguration: Bool { outcome == .redirect || outcome == .blocked }
}
