internal import Core
internal import HTTPTypes
internal import HummingbirdCore

/// One thing that can be asked for.
struct Route: Sendable {
    let method: HTTPRequest.Method
    /// As in the OpenAPI document: `/v1/devices/{udid}`.
    let path: String
    /// Nil: everybody may.
    let permission: Permission?
    let query: [QueryParameter]
    /// False: there may be anything in the query, and it means nothing here.
    let isQueryChecked: Bool
    let answer: @Sendable (Call) async throws -> Response

    init(
        _ method: HTTPRequest.Method, _ path: String, _ permission: Permission?, query: [QueryParameter] = [],
        isQueryChecked: Bool = true,
        _ answer: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.permission = permission
        self.query = query
        self.isQueryChecked = isQueryChecked
        self.answer = answer
        segments = path.split(separator: "/")
    }

    private let segments: [Substring]

    /// What stands in the places in braces, or nil when it is another path.
    func parameters(in given: [String]) -> [String: String]? {
        guard given.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, value) in zip(segments, given) {
            if segment.hasPrefix("{") {
                parameters[String(segment.dropFirst().dropLast())] = value
            } else if segment != value {
                return nil
            }
        }
        return parameters
    }
}
