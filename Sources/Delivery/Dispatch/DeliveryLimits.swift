/// How many transfers may be under way at once, and how many callbacks may wait. Each lane has at most one transfer in any
/// case.
package struct DeliveryLimits: Hashable, Sendable {
    /// For this host, over all webhooks.
    package var maxConcurrent: Int
    /// Eight, so that the hundred phones of a hub reset reach a receiver 50 ms away in less than a second.
    package var maxPerWebhook: Int
    /// For this host. Above this the webhook with the most loses one.
    package var maxWaiting = 100_000
    /// Above this the longest lane loses its oldest.
    package var maxWaitingPerWebhook = 20_000

    package init(maxConcurrent: Int = 32, maxPerWebhook: Int = 8) {
        self.maxConcurrent = maxConcurrent
        self.maxPerWebhook = maxPerWebhook
    }
}
