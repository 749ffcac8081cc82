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
    /// Our own fault: out of memory, a handle that cannot be made.
    case `internal`
    /// Stopped by our own shutdown; not counted, due again at the next start.
    case cancelled
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
    /// When it is tried again; nil when it is not (accepted).
    package let notBefore: WallTime?

    package init(
        callback: CallbackID, number: Int, startedAt: WallTime, outcome: Outcome, statusCode: Int?, detail: String,
        duration: Duration, wireSends: Int, notBefore: WallTime?
    ) {
        self.callback = callback
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.duration = duration
        self.wireSends = wireSends
        self.notBefore = notBefore
    }
}
