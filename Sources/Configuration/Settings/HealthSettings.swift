package import Core

/// Who tells whether a phone that is there can be used.
package struct HealthSettings: Hashable, Sendable {
    package var onSensorLoss = SensorLoss.keep
    package var adb = ADBSettings()
    package var usbmuxd = USBMuxSettings()

    static let kind = Kind<HealthSettings>.object(
        HealthSettings(),
        [
            Field(
                "onSensorLoss", \.onSensorLoss, .choice(),
                "What becomes of the phones whose sensor is away: they keep their status, or are offline after sensorGraceMs."
            ),
            Field("adb", \.adb, ADBSettings.kind, "What the adb server says of Android phones."),
            Field("usbmuxd", \.usbmuxd, USBMuxSettings.kind, "What usbmuxd says of iPhones."),
        ])
}

package struct ADBSettings: Hashable, Sendable {
    package var mode: SensorMode = .auto
    /// Host and port of each server.
    package var servers = ["127.0.0.1:5037"]
    package var requireBootCompleted = false
    /// Between two questions to a usable phone whether it still answers; zero for none.
    package var liveness: Duration = .zero

    static let kind = Kind<ADBSettings>.object(
        ADBSettings(),
        [
            Field(
                "mode", \.mode, .choice(),
                "Whether phones are ready only when adb says so; auto: once the host has had it."),
            Field(
                "servers", \.servers,
                .list(
                    of: .numericEndpoint, count: 1...16,
                    distinct: [Distinct(member: nil, noun: "server") { Array($0.utf8) }]),
                "Address and port of each adb server."),
            Field(
                "requireBootCompleted", \.requireBootCompleted, .boolean,
                "Whether a phone counts as usable only when Android has booted."),
            Field(
                "livenessSeconds", \.liveness, .secondsOrZero(10...3600),
                "Seconds between two questions to a phone that adb calls usable, 0 for none: one that leaves two unanswered is offline (adbOffline); none is asked while it is utilized."
            ),
        ])
}

package struct USBMuxSettings: Hashable, Sendable {
    package var mode: SensorMode = .auto
    package var socket = "/var/run/usbmuxd"

    static let kind = Kind<USBMuxSettings>.object(
        USBMuxSettings(),
        [
            Field(
                "mode", \.mode, .choice(),
                "Whether iPhones are ready only when usbmuxd says so; auto: once the host has had it."),
            Field("socket", \.socket, .absolutePath(maxBytes: 107), "usbmuxd's socket."),
        ])
}
