internal import FoundationEssentials

/// What usbmuxd says, of what is asked for or listened to here.
enum MuxMessage: Hashable {
    /// The answer to a request; 0 is success, `noSuchRecord` or another number the reason.
    case result(Int)
    case attached(MuxDevice)
    case detached(id: Int)
    /// Somebody has just been trusted by this phone.
    case paired(id: Int)
    /// The file as it is on disk.
    case pairRecord([UInt8])
    /// The identity of this host's usbmuxd.
    case buid(String)
    /// Something newer, or nothing that makes sense.
    case other

    /// usbmuxd's `ENOENT` (`client.c`).
    static let noSuchRecord = 2

    init(_ body: [UInt8]) {
        guard let fields = PropertyList.message(Fields.self, from: body) else {
            self = .other
            return
        }
        switch (fields.messageType, fields.deviceID) {
        case ("Result", _): self = fields.number.map(Self.result) ?? .other
        case ("Attached", let id?):
            self = fields.properties.flatMap { MuxDevice(id: id, $0) }.map(Self.attached) ?? .other
        case ("Detached", let id?): self = .detached(id: id)
        case ("Paired", let id?): self = .paired(id: id)
        case (nil, _): self = fields.pairRecordData.map(Self.pairRecord) ?? fields.buid.map(Self.buid) ?? .other
        default: self = .other
        }
    }
}

/// A phone as usbmuxd attaches it.
struct MuxDevice: Hashable {
    /// Given anew at each plugging, from 1 on in each life of the daemon.
    var id: Int
    /// The UDID, as this daemon spells it.
    var serial: String
    /// False for one that is reached over the network.
    var isUSB: Bool
    /// Bus number and device number in 16 bits each, 0 when not known.
    var location: Int

    fileprivate init?(id: Int, _ properties: Fields.Properties) {
        guard let serial = properties.serialNumber, !serial.isEmpty else { return nil }
        self.init(
            id: id, serial: serial, isUSB: properties.connectionType == "USB", location: properties.locationID ?? 0)
    }

    init(id: Int, serial: String, isUSB: Bool = true, location: Int = 0) {
        self.id = id
        self.serial = serial
        self.isUSB = isUSB
        self.location = location
    }
}

/// What a pair record tells of this host, for the phone that it is about.
struct PairRecord: Hashable {
    var hostID: String
    var systemBUID: String?

    init(hostID: String, systemBUID: String?) {
        self.hostID = hostID
        self.systemBUID = systemBUID
    }

    /// Nil when it is damaged.
    init?(_ bytes: [UInt8]) {
        guard let fields = PropertyList.message(Fields.self, from: bytes), let hostID = fields.hostID else {
            return nil
        }
        self.init(hostID: hostID, systemBUID: fields.systemBUID)
    }

    private struct Fields: Decodable {
        var hostID: String?
        var systemBUID: String?

        private enum CodingKeys: String, CodingKey {
            case hostID = "HostID"
            case systemBUID = "SystemBUID"
        }
    }
}

private struct Fields: Decodable {
    var messageType: String?
    var number: Int?
    var deviceID: Int?
    var properties: Properties?
    var pairRecordData: [UInt8]?
    var buid: String?

    private enum CodingKeys: String, CodingKey {
        case messageType = "MessageType"
        case number = "Number"
        case deviceID = "DeviceID"
        case properties = "Properties"
        case pairRecordData = "PairRecordData"
        case buid = "BUID"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        messageType = try values.decodeIfPresent(String.self, forKey: .messageType)
        number = try values.decodeIfPresent(Int.self, forKey: .number)
        deviceID = try values.decodeIfPresent(Int.self, forKey: .deviceID)
        properties = try values.decodeIfPresent(Properties.self, forKey: .properties)
        // As `[UInt8]` it would be read as an array of numbers.
        pairRecordData = try values.decodeIfPresent(Data.self, forKey: .pairRecordData).map(Array.init)
        buid = try values.decodeIfPresent(String.self, forKey: .buid)
    }

    struct Properties: Decodable {
        var serialNumber: String?
        var connectionType: String?
        var locationID: Int?

        private enum CodingKeys: String, CodingKey {
            case serialNumber = "SerialNumber"
            case connectionType = "ConnectionType"
            case locationID = "LocationID"
        }
    }
}
