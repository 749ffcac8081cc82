internal import PlughookConfiguration
internal import Core
internal import Delivery

// What the configuration says, in the words of those who act on it.

extension TrackerSettings {
    init(_ configuration: Configuration, sensed: Set<Platform>) {
        self.init(
            rules: configuration.detection.rules, listed: ListedDevices(configuration.devices),
            unplugGrace: configuration.sessions.unplugGrace, observerGrace: configuration.detection.sensorGrace,
            sensed: sensed)
    }
}

extension DeliveryLimits {
    init(_ settings: DeliverySettings) {
        self.init(maxConcurrent: settings.maxConcurrent, maxPerWebhook: settings.maxPerWebhook)
    }
}
