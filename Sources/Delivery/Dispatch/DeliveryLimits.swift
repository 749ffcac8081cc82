/// How many transfers may be under way at once. Each lane has at most one in any case.
package struct DeliveryLimits: Hashable, Sendable {
    /// For this host, over all webhooks.
    package var maxConcurrent: Int
    /// Eight, so that the hundred phones of a hub reset reach a receiver 50 ms away in less than a second.
    package var maxPerWebhook: Int

    package init(maxConcurrent: Int = 32, maxPerWebhook: Int = 8) {
        self.maxConcurrent = maxConcurrent
        self.maxPerWebhook = maxPerWebhook
    }
}
