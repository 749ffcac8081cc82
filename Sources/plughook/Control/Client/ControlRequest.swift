/// What is asked of the agent's control API.
struct ControlRequest {
    enum Method: String {
        case get = "GET", post = "POST", patch = "PATCH", delete = "DELETE"
    }

    let method: Method
    /// The path and the query, percent-encoded.
    let target: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// How long nothing may come before the agent counts as stuck. It answers from memory or after one fsync.
    var patienceSeconds = 30

    /// `path` are the segments after `/v1`; of the query, what is nil is left out.
    init(_ method: Method, _ path: [String], query: [(name: String, value: String?)] = []) {
        self.method = method
        let parameters = query.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
        target =
            "/v1/" + path.map(\.percentEncoded).joined(separator: "/")
            + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
    }

    /// For messages.
    var description: String { "\(method.rawValue) \(target)" }
}

extension String {
    /// All but the unreserved characters of RFC 3986, section 2.3, as `%XX`.
    fileprivate var percentEncoded: String {
        var encoded = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
