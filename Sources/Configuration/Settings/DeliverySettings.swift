package import Core

/// How many callbacks may be on their way at once, more of which wait in their lanes; and where all of them may go to.
package struct DeliverySettings: Hashable, Sendable {
    package var maxConcurrent = 32
    package var maxPerWebhook = 8
    package var addresses = AddressRules()
    package var proxy = ProxyChoice.none

    static let kind = Kind<DeliverySettings>.object(
        DeliverySettings(),
        [
            Field("maxConcurrent", \.maxConcurrent, .count(1...256), "How many callbacks may be on their way in all."),
            Field("maxPerWebhook", \.maxPerWebhook, .count(1...64), "How many of one webhook."),
            Field("addresses", \.addresses, .addresses, "Where receivers may be."),
            Field(
                "proxy", \.proxy, .proxy,
                "Which way callbacks go: straight, through the proxy of that URL, or as the environment has it."),
        ])
}
