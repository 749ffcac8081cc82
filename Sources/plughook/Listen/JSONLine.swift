internal import Delivery
internal import FoundationEssentials

/// A request and its answer as one line of JSON, keys in alphabetical order.
struct JSONLine: Encodable {
    let receivedNs: UInt64
    /// What was answered; missing when the connection was closed instead.
    let status: Int?
    let method: String
    let path: String
    let headers: [String: String]
    let body: String
    /// What verifying it found: `good`, `bad`, `stale` or `missing`; not there when it was not asked for.
    let signature: String?

    init(_ request: ReceivedRequest, answer: AnswerPlan.Answer, signature: StandardWebhooks.Verdict?) {
        receivedNs = request.receivedNanoseconds
        status = if case .status(let status) = answer { status } else { nil }
        method = request.method
        path = request.path
        headers = request.headers
        body = request.bodyText
        self.signature = signature?.rawValue
    }

    func text(by encoder: JSONEncoder) throws -> String {
        String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
