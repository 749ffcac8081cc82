import Core

@testable import Sensors

/// What a server sends: a length and a text.
func frame(_ text: String) -> [UInt8] { ADBRequest.framed(Array(text.utf8)) }

/// A line of a long list, as adb's `%-22s %s` writes it.
func line(_ serial: String, _ state: String, port: String? = "1-4.2", number: Int? = 7) -> String {
    let padding = String(repeating: " ", count: max(0, 22 - serial.utf8.count))
    return "\(serial)\(padding) \(state)" + (port.map { " usb:\($0)" } ?? "")
        + " product:panther model:Pixel_7 device:panther" + (number.map { " transport_id:\($0)" } ?? "") + "\n"
}

func entries(_ list: String, isLong: Bool = true) -> [ADBEntry] {
    ADBEntry.entries(of: Array(list.utf8), isLong: isLong)
}

func entry(_ serial: String, _ state: String = "device", number: Int? = 7) -> ADBEntry {
    entries(line(serial, state, number: number))[0]
}

extension MonotonicTime {
    static func at(_ time: Duration) -> MonotonicTime { MonotonicTime(nanoseconds: 1_000_000_000_000) + time }
}

/// What is drawn from a range is its middle.
struct MiddleGenerator: RandomNumberGenerator {
    func next() -> UInt64 { 1 << 63 }
}
