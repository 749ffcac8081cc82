internal import Core
internal import Delivery
internal import Logging

// What receivers say of themselves, beside whether they accept a callback.
extension Agent {
    /// A receiver that answers 410 wants nothing any more (Standard Webhooks): what waits and what comes is held until
    /// somebody resumes it.
    func suspendWhatIsGone() {
        for id in delivery.takeGone() where identity(of: id) != nil && !delivery.suspended.contains(id) {
            gone.insert(id)
            logger.warning(
                "webhook.suspended", metadata: ["id": "\(id.value)", "why": "its receiver has answered 410 Gone"])
            _ = suspend(id, true, by: "the receiver of webhook \(id.value)")
        }
    }

    // MARK: - Their clocks

    // A receiver of signed callbacks refuses those that are too old or of the future by its own clock.

    /// More than this is told.
    private static let tolerance = Duration.seconds(60)

    /// Of webhooks with secrets, those whose receivers have another time.
    var clockSkews: [(webhook: Webhook, skew: ClockSkew)] {
        plan.webhooks.compactMap { webhook in
            guard !webhook.keys.isEmpty, let skew = delivery.totals.webhooks[webhook.id]?.clockSkew,
                skew > Self.tolerance || skew < .zero - Self.tolerance
            else { return nil }
            return (webhook, ClockSkew(skew))
        }
    }

    /// Tells it once, and when it is over.
    func noteClockSkew() {
        let now = clockSkews
        for (webhook, skew) in now where skewed.insert(webhook.id).inserted {
            logger.warning(
                "webhook.clockSkew",
                metadata: ["webhook": "\(webhook.id.value)", "receiver": "\(skew.words) this host"])
        }
        skewed.formIntersection(now.map(\.webhook.id))
    }
}

/// By how much a receiver's clock is ahead of this host's.
struct ClockSkew {
    private let seconds: Int64

    init(_ duration: Duration) { seconds = duration.components.seconds }

    /// `90 s ahead of`.
    var words: String { seconds < 0 ? "\(-seconds) s behind" : "\(seconds) s ahead of" }
}
