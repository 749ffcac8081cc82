/// Why a callback is not sent any more though its receiver has not accepted it.
package enum Ending: String, Hashable, Sendable, CaseIterable {
    /// The receiver has said, more than once, that the callback itself is wrong. Dead.
    case rejected
    /// It has waited for three days. Dead.
    case expired
    /// A newer one of the same lane is sent in its stead, as its webhook wants it.
    case superseded
    /// More waited than is kept.
    case dropped
    /// Its webhook is gone, or its device has become public.
    case cancelled

    package var state: DeliveryState {
        switch self {
        case .rejected, .expired: .dead
        case .superseded: .superseded
        case .dropped: .dropped
        case .cancelled: .cancelled
        }
    }
}

/// A callback that was given up without an attempt that says so.
package struct Settlement: Hashable, Sendable {
    package let callback: CallbackID
    package let ending: Ending

    package init(_ callback: CallbackID, as ending: Ending) {
        self.callback = callback
        self.ending = ending
    }
}

/// What becomes of a callback with one attempt at it.
package enum Consequence: Hashable, Sendable {
    case delivered
    /// It stays, may be tried again from that moment on, and has failed so often.
    case retried(notBefore: WallTime, Failures)
    case dead(Ending)
    /// It stays as it was: the attempt does not count.
    case uncounted
}

/// How a callback has failed so far.
package struct Failures: Hashable, Sendable {
    /// How far it has come in its schedule.
    package var steps: Int
    /// How often its receiver has said that it is wrong.
    package var rejections: Int

    package init(steps: Int = 0, rejections: Int = 0) {
        self.steps = steps
        self.rejections = rejections
    }
}

/// What is sent once a receiver that was away is back.
package enum Backlog: String, Hashable, Sendable, CaseIterable {
    /// Every callback, in order.
    case all
    /// Of each lane the last one; those before it are given up.
    case latest
}
