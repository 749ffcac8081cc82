internal import Core

/// What an adb server says of a phone's state (`to_string(ConnectionState)` in AOSP's `adb/transport.cpp`).
enum ADBState: Hashable {
    case device
    case notReady(Reason)
    /// On the way to one of the others, or a word that this version does not know.
    case other(String)

    /// Serial and state of a phone are divided by what a state can be: these words, and the text about permissions.
    static let words = [
        "device", "offline", "unauthorized", "authorizing", "connecting", "detached", "bootloader", "recovery",
        "sideload", "rescue", "host", "unknown",
    ]
    /// What a longer text, with spaces, begins with: `no permissions (user in plugdev group; …); see [http://…]`.
    static let permissionsText = "no permissions"

    init(_ text: String) {
        self =
            switch text {
            case "device": .device
            case "unauthorized": .notReady(.unauthorized)
            case "offline": .notReady(.adbOffline)
            case "bootloader": .notReady(.bootloader)
            case "recovery": .notReady(.recovery)
            case "sideload": .notReady(.sideload)
            case "rescue": .notReady(.rescue)
            case _ where text.hasPrefix(Self.permissionsText): .notReady(.noPermissions)
            default: .other(text.sensed(atMost: 64))
            }
    }

    /// Whether it is one that phones pass through.
    var isOnItsWay: Bool {
        switch self {
        case .notReady(.adbOffline), .other: true
        case .device, .notReady: false
        }
    }

    var verdict: Verdict {
        switch self {
        case .device: .ready
        case .notReady(let reason): .notReady(reason)
        case .other: .unknown
        }
    }
}
