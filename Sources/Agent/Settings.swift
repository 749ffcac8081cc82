internal import PlughookConfiguration
internal import Core
internal import Delivery
internal import Linux

// What the configuration says, in the words of those who act on it.

extension TrackerSettings {
    init(_ configuration: Configuration, sensed: Set<Platform>) {
        self.init(
            rules: configuration.detection.rules, listed: ListedDevices(configuration.devices),
            unplugGrace: configuration.sessions.unplugGrace, observerGrace: configuration.detection.sensorGrace,
            sensed: sensed)
    }
}

extension HostIdentity {
    init(_ settings: HostSettings) {
        self.init(id: settings.id ?? SystemName.host, labels: settings.labels)
    }
}

extension DeliveryLimits {
    init(_ settings: DeliverySettings) {
        self.init(maxConcurrent: settings.maxConcurrent, maxPerWebhook: settings.maxPerWebhook)
    }
}
