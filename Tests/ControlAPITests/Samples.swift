import ControlAPI

extension DeviceView {
    static func sample(_ udid: String, status: String = "online", platform: String = "android") -> DeviceView {
        DeviceView(
            udid: udid, name: "Phone \(udid)", status: status, reason: nil, group: "private", platform: platform,
            port: "1-4.2", idPath: nil, isListed: true, labels: [:])
    }
}

extension EventView {
    static func sample(_ number: Int64, udid: String = "a", name: String = "Phone") -> EventView {
        EventView(
            number: number, at: "2026-01-01T00:00:00.000Z", udid: udid, name: name, group: "private", previous: nil,
            status: "online", reason: nil, isSilent: false, platform: "android", port: "1-4.2")
    }
}

extension WebhookView {
    static func sample(id: Int64 = 129, name: String = "CI") -> WebhookView {
        WebhookView(
            id: id, name: name, url: "https://ci.example.com:8443/hooks/secret?key=1", description: "",
            events: ["online"], enabled: true, timeoutMs: 1000, connectTimeoutMs: 500, isSuspended: false, waiting: 0,
            inFlight: 0, etag: "t1")
    }
}

extension DeliveryView {
    static func sample(_ id: String, state: String = "pending") -> DeliveryView {
        DeliveryView(
            id: id, webhookId: 129, udid: "a", sequence: 1, event: 1, createdAt: "2026-01-01T00:00:00.000Z",
            state: state,
            attemptCount: 0, nextAttemptAt: nil, settledAt: nil, position: 1)
    }
}

extension SessionView {
    static func sample(
        id: String, boundTo: String = "heartbeats", startedBy: String = "uid 0", endReason: String? = nil
    ) -> SessionView {
        SessionView(
            id: id, udid: "a", deviceName: "Phone a", owner: "ci", startedBy: startedBy, kind: "session",
            boundTo: boundTo, startedAt: "2026-01-01T00:00:00.000Z", endReason: endReason)
    }
}
