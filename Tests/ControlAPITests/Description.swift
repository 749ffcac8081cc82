import Foundation
import HTTPTypes
import Testing

@testable import ControlAPI

/// The OpenAPI document, as tests hold answers against it.
enum Description {
    typealias Object = [String: Any]

    static func operations() throws -> [String: [String: Object]] {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(PackageResources.openapi_json)) as? Object)
        return try #require(document["paths"] as? [String: [String: Object]])
    }

    static func expects(_ method: String, _ path: String, answers status: Int) throws {
        guard let method = HTTPRequest.Method(method),
            case .route(let route, _) = RouteTable.all.match(method, String(path.prefix { $0 != "?" }))
        else { return }
        let operation = try operations()[route.path]?[route.method.rawValue.lowercased()]
        let responses = try #require(operation?["responses"] as? Object)
        #expect(responses["\(status)"] != nil, "\(method) \(path) answers \(status), which is not described")
    }
}
