/// What is asked of lockdownd, the phone's doorkeeper. It is never asked to pair.
enum LockdownRequest: Hashable {
    case queryType
    /// Answered without trust, for a handful of keys.
    case getValue(Key)
    /// Answered by whether the phone trusts the host; TLS would begin after that.
    case startSession(hostID: String, systemBUID: String)

    enum Key: String {
        case deviceName = "DeviceName"
        case productType = "ProductType"
        case productVersion = "ProductVersion"
    }

    static let port: UInt16 = 62078

    var bytes: [UInt8] { LockdownFrameReader.bytes(PropertyList.bytes(fields)) }

    private var fields: Fields {
        switch self {
        case .queryType: Fields(request: "QueryType")
        case .getValue(let key): Fields(request: "GetValue", key: key.rawValue)
        case .startSession(let hostID, let systemBUID):
            Fields(request: "StartSession", hostID: hostID, systemBUID: systemBUID)
        }
    }

    private struct Fields: Encodable {
        var request: String
        var key: String?
        var hostID: String?
        var systemBUID: String?
        let label = "plughook"

        private enum CodingKeys: String, CodingKey {
            case request = "Request"
            case key = "Key"
            case hostID = "HostID"
            case systemBUID = "SystemBUID"
            case label = "Label"
        }
    }
}

/// What lockdownd answers.
struct LockdownAnswer: Hashable, Decodable {
    var request: String?
    /// To `queryType`: which service it is.
    var type: String?
    /// To `getValue`, when it is text.
    var value: String?
    var error: String?

    private enum CodingKeys: String, CodingKey {
        case request = "Request"
        case type = "Type"
        case value = "Value"
        case error = "Error"
    }

    init(type: String? = nil, value: String? = nil, error: String? = nil) {
        self.type = type
        self.value = value
        self.error = error
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        request = try values.decodeIfPresent(String.self, forKey: .request)
        type = try values.decodeIfPresent(String.self, forKey: .type)
        // Of any type; one that is no text says nothing here.
        value = try? values.decodeIfPresent(String.self, forKey: .value)
        error = try values.decodeIfPresent(String.self, forKey: .error)
    }

    /// Nil when it makes no sense.
    init?(_ body: [UInt8]) {
        guard let answer = PropertyList.message(Self.self, from: body) else { return nil }
        self = answer
    }
}
