/// Who tells whether a phone that is there can be used.
package struct HealthSettings: Hashable, Sendable {
    package var adb = ADBSettings()
    package var usbmuxd = USBMuxSettings()

    static let kind = Kind<HealthSettings>.object(
        HealthSettings(),
        [
            Field(
                "onSensorLoss", only: .only("keep", unavailable: ["offline"]), is: FixedWord(),
                "What becomes of the phones whose sensor is away: they keep their status."),
            Field("adb", \.adb, ADBSettings.kind, "What the adb server says of Android phones."),
            Field("usbmuxd", \.usbmuxd, USBMuxSettings.kind, "What usbmuxd says of iPhones."),
        ])
}

/// Whether a sensor is asked.
package enum SensorMode: String, Hashable, Sendable, CaseIterable {
    /// When the host has it.
    case auto
    case off
}

package struct ADBSettings: Hashable, Sendable {
    package var mode: SensorMode = .auto
    /// Host and port of each server.
    package var servers = ["127.0.0.1:5037"]

    static let kind = Kind<ADBSettings>.object(
        ADBSettings(),
        [
            Field("mode", \.mode, .choice(unavailable: ["on"]), "Whether the adb server is asked."),
            Field(
                "servers", \.servers,
                .list(
                    of: .endpoint, count: 1...16,
                    distinct: [Distinct(member: nil, noun: "server") { Array($0.utf8) }]),
                "Host and port of each adb server."),
            Field(
                "requireBootCompleted",
                only: .boolean.checked("false", adding: ["const": false]) { (isRequired) throws(Objection) in
                    if isRequired {
                        throw .unavailable(
                            "waiting for the end of a phone's boot", advice: "remove the key, or give false")
                    }
                }, is: false, "Whether a phone counts as usable only when Android has booted."),
        ])
}

package struct USBMuxSettings: Hashable, Sendable {
    package var mode: SensorMode = .auto
    package var socket = "/var/run/usbmuxd"

    static let kind = Kind<USBMuxSettings>.object(
        USBMuxSettings(),
        [
            Field("mode", \.mode, .choice(unavailable: ["on"]), "Whether usbmuxd is asked."),
            Field("socket", \.socket, .absolutePath(maxBytes: 107), "usbmuxd's socket."),
        ])
}
