/// One event of an event stream, as the HTML standard has it.
struct ServerSentEvent: Hashable {
    var id: String?
    var name = "message"
    var data = ""
}

/// Takes an event stream apart, however it is cut into pieces.
struct ServerSentEventParser {
    /// An event of the agent is a few hundred bytes.
    private static let longestLine = 1 << 20

    private var line: [UInt8] = []
    private var isAfterCarriageReturn = false
    private var event = ServerSentEvent()
    private var data: [String] = []

    /// The events that are complete with these bytes; nil when this is no stream of the agent.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent]? {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { isAfterCarriageReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where isAfterCarriageReturn: continue
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = endLine() { events.append(event) }
            default:
                guard line.count < Self.longestLine else { return nil }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line = [] }
        guard !line.isEmpty else { return endEvent() }
        let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "id": event.id = text
        case "event": event.name = text
        case "data": data.append(text)
        default: break  // A comment (its field has no name), or a field of later days.
        }
        return nil
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            event = ServerSentEvent()
            data = []
        }
        event.data = data.joined(separator: "\n")
        return event == ServerSentEvent() ? nil : event
    }
}
