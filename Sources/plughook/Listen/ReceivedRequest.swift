internal import FoundationEssentials

/// A request as it came, complete.
struct ReceivedRequest {
    let method: String
    let path: String
    /// Names in lower case; several of one name are joined by commas.
    let headers: [String: String]
    let body: [UInt8]
    /// `CLOCK_MONOTONIC` when its last byte was here.
    let receivedNanoseconds: UInt64
    /// The body was longer than the receiver takes, and is left out.
    let isTooLong: Bool

    var bodyText: String { String(decoding: body, as: UTF8.self) }

    /// The body as a callback, if it looks like one; whatever else is in it does not matter.
    var callback: KobitonCallback? { try? JSONDecoder().decode(KobitonCallback.self, from: Data(body)) }
}

/// What a person wants to see of the nine keys of a callback.
struct KobitonCallback: Decodable {
    let eventDescription: String
    let deviceUdid: String
    let deviceName: String
    let webhookName: String
}
