/// How many callbacks may be on their way at once; more wait in their lanes.
package struct DeliverySettings: Hashable, Sendable {
    package var maxConcurrent = 32
    package var maxPerWebhook = 8

    static let kind = Kind<DeliverySettings>.object(
        DeliverySettings(),
        [
            Field("maxConcurrent", \.maxConcurrent, .count(1...256), "How many callbacks may be on their way in all."),
            Field("maxPerWebhook", \.maxPerWebhook, .count(1...64), "How many of one webhook."),
        ])
}
