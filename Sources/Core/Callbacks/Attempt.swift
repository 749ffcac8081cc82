/// How an attempt ended, by whose fault; the label in logs and metrics.
package enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// A final status line 200–299, whatever came after it.
    case accepted
    /// 3xx: never followed.
    case redirect
    /// The receiver says that this message is wrong (400, 413, 422, …).
    case rejected
    /// 401, 403, 407.
    case auth
    /// Other 4xx.
    case http4xx
    /// 410.
    case gone
    /// 429.
    case throttled
    case http5xx
    case dns, connect, tls, timeout, connection, `protocol`
    /// libcurl wanted to send the same request a third time on its own.
    case resendPrevented
    /// All addresses of the receiver are such as callbacks are not sent to.
    case blocked
    /// Our own fault: out of memory, a handle that cannot be made.
    case `internal`
    /// Stopped by our own shutdown; not counted, due again at the next start.
    case cancelled
}

/// From the start of an attempt until each of these was done; nil for what did not happen, as on a connection that was open
/// already.
package struct Phases: Hashable, Sendable {
    package var nameLookup: Duration?
    package var connect: Duration?
    package var tls: Duration?
    package var firstByte: Duration?

    package init(
        nameLookup: Duration? = nil, connect: Duration? = nil, tls: Duration? = nil, firstByte: Duration? = nil
    ) {
        self.nameLookup = nameLookup
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
    }
}

/// One try to hand a callback over, and what came of it.
package struct Attempt: Hashable, Sendable {
    package let callback: CallbackID
    /// From 1.
    package let number: Int
    package let startedAt: WallTime
    package let outcome: Outcome
    /// The final status line's code; nil when there was none.
    package let statusCode: Int?
    /// libcurl's own words or the status line; already safe to print.
    package let detail: String
    package let duration: Duration
    /// How often the request went over the wire in this attempt: 2 after a hidden resend on a dead connection.
    package let wireSends: Int
    package let phases: Phases
    /// Of the receiver, with its port; nil when there was no connection.
    package let address: String?
    /// The beginning of what the receiver answered, when that was a refusal: untrusted.
    package let answer: [UInt8]
    package let consequence: Consequence

    package init(
        callback: CallbackID, number: Int, startedAt: WallTime, outcome: Outcome, statusCode: Int?, detail: String,
        duration: Duration, wireSends: Int, phases: Phases = Phases(), address: String? = nil, answer: [UInt8] = [],
        consequence: Consequence
    ) {
        self.callback = callback
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.duration = duration
        self.wireSends = wireSends
        self.phases = phases
        self.address = address
        self.answer = answer
        self.consequence = consequence
    }

    /// When the callback may be tried again; nil when it is not.
    package var notBefore: WallTime? {
        switch consequence {
        case .retried(let moment, _): moment
        case .delivered, .dead, .uncounted: nil
        }
    }
}

/// Of an attempt that was made before the start, what says whether its receiver was there.
package struct PastAttempt: Hashable, Sendable {
    package let startedAt: WallTime
    package let outcome: Outcome
    package let statusCode: Int?

    package init(startedAt: WallTime, outcome: Outcome, statusCode: Int?) {
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
    }
}
