/// A callback as an event of CloudEvents 1.0, over its HTTP binding.
///
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
package struct CloudEvent: Sendable {
    package enum Mode: Hashable, Sendable {
        /// Attributes and data in one JSON object, all of which a signature covers.
        case structured
        /// Attributes in headers, which no signature covers; the body is the data.
        case binary
    }

    /// In the order of the specification.
    let attributes: [(name: String, value: String)]
    /// The body of the format `kobiton`.
    let data: [UInt8]

    init(_ facts: CallbackFacts) {
        // The event's number alone begins again with a new database.
        let moment = facts.creationTime.milliseconds
        attributes = [
            ("specversion", "1.0"),
            ("id", facts.event.map { "\($0.value)-\(moment)" } ?? "test-\(moment)"),
            ("source", "/hosts/" + Self.percentEncoded(facts.host.id) { $0.isUnreserved }),
            ("type", "io.plughook." + (facts.status.map { "device.status.\($0.rawValue)" } ?? "test")),
            ("subject", facts.deviceUDID), ("time", facts.creationTime.description),
        ]
        data = KobitonBody.bytes(of: facts)
    }

    func content(_ mode: Mode) -> Content {
        switch mode {
        case .structured:
            var object = JSONObjectWriter()
            for (name, value) in attributes { object.add(name, value) }
            object.add("datacontenttype", "application/json")
            object.add("data", json: data)
            return Content(
                body: object.finish(), headers: ["Content-Type: application/cloudevents+json; charset=utf-8"])
        case .binary:
            return Content(
                body: data,
                headers: attributes.map { name, value in
                    "ce-\(name): " + Self.percentEncoded(value) { $0.isPlainInHeader }
                })
        }
    }

    private static func percentEncoded(_ text: String, except isPlain: (UInt8) -> Bool) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if isPlain(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}

extension UInt8 {
    /// RFC 3986, 2.3.
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The binding's section 3.1.3.2: all else is percent-encoded.
    fileprivate var isPlainInHeader: Bool {
        (0x21...0x7e).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "%")
    }
}
