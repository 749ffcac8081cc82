/// What is asked of usbmuxd.
enum MuxRequest: Hashable {
    /// To be told of all phones, those that are there first.
    case listen
    /// By the UDID as the daemon spells it.
    case readPairRecord(serial: String)
    case readBUID
    /// From a `result(0)` on, the connection is the phone's.
    case connect(id: Int, port: UInt16)

    /// An empty tag would do: one request is under way on a connection at a time.
    var bytes: [UInt8] { MuxFrame(tag: 1, body: PropertyList.bytes(fields)).bytes }

    private var fields: Fields {
        switch self {
        case .listen: Fields(messageType: "Listen")
        case .readPairRecord(let serial): Fields(messageType: "ReadPairRecord", pairRecordID: serial)
        case .readBUID: Fields(messageType: "ReadBUID")
        case .connect(let id, let port):
            // The port as it lies on a network, read as a little-endian number.
            Fields(messageType: "Connect", deviceID: id, portNumber: Int(port.byteSwapped))
        }
    }

    private struct Fields: Encodable {
        var messageType: String
        var pairRecordID: String?
        var deviceID: Int?
        var portNumber: Int?
        let programName = "plughook"
        let clientVersion = "plughook"
        /// Of libusbmuxd since 2012: newer daemons tell more to those that say it.
        let libraryVersion = 3

        private enum CodingKeys: String, CodingKey {
            case messageType = "MessageType"
            case pairRecordID = "PairRecordID"
            case deviceID = "DeviceID"
            case portNumber = "PortNumber"
            case programName = "ProgName"
            case clientVersion = "ClientVersionString"
            case libraryVersion = "kLibUSBMuxVersion"
        }
    }
}
