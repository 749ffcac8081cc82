/// What is asked of an adb server: only to look, never to start, stop or change anything.
enum ADBRequest {
    /// Every list from now on, with places. Older servers' lists of services leave it out, but they know it.
    static let trackLong = Array("host:track-devices-l".utf8)
    /// Every list from now on, serials and states alone.
    static let trackShort = Array("host:track-devices".utf8)

    /// The list as it is now, once.
    static let listLong = Array("host:devices-l".utf8)
    static let listShort = Array("host:devices".utf8)

    /// The service that the next request on this connection is for: on this phone.
    ///
    /// By the server's own number when it gave one: a phone that comes later with the same serial has another.
    static func transport(to entry: ADBEntry) -> [UInt8] {
        if let number = entry.transport { return Array("host:transport-id:\(number)".utf8) }
        return Array("host:transport:".utf8) + entry.serial
    }

    /// As it goes over the wire: its length in four hexadecimal digits, and it. Cut at 65,535 bytes.
    static func framed(_ request: [UInt8]) -> [UInt8] {
        let request = request.prefix(0xffff)
        let digits = String(request.count, radix: 16)
        return Array(String(repeating: "0", count: 4 - digits.utf8.count).utf8) + Array(digits.utf8) + request
    }
}
