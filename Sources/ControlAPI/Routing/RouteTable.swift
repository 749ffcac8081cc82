internal import FoundationEssentials
internal import HTTPTypes

/// All routes; the OpenAPI document is held against this table by a test.
///
/// Hummingbird's own router does not tell a wrong method from an unknown path, so it is not used.
struct RouteTable: Sendable {
    /// Where two paths fit, the first is taken.
    let routes: [Route]

    static let all = RouteTable(
        routes: healthRoutes + deviceRoutes + sessionRoutes + eventRoutes + webhookRoutes + deliveryRoutes
            + configurationRoutes + tokenRoutes + pageRoutes)

    enum Match {
        case route(Route, parameters: [String: String])
        case wrongMethod(allowed: [String])
        case unknown(nearest: String?)
    }

    /// `path` as it came: percent-encoded. HEAD finds what GET finds.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        // Decoded one by one: a "%2F" within one does not part it.
        let segments = path.split(separator: "/").map { segment in
            URLComponents(string: "/\(segment)").map { String($0.path.dropFirst()) } ?? String(segment)
        }
        let method = method == .head ? .get : method
        let fitting = routes.compactMap { route in route.parameters(in: segments).map { (route: route, $0) } }
        // "/v1/events/stream" is not some "/v1/events/{id}": only routes of the first path that fits count.
        let samePath = fitting.filter { $0.route.path == fitting.first?.route.path }
        if let (route, parameters) = samePath.first(where: { $0.route.method == method }) {
            return .route(route, parameters: parameters)
        }
        guard samePath.isEmpty else {
            let methods = samePath.map(\.route.method.rawValue)
            return .wrongMethod(allowed: methods.contains("GET") ? methods + ["HEAD"] : methods)
        }
        return .unknown(nearest: nearest(to: path))
    }

    /// The path that begins most like this one.
    private func nearest(to path: String) -> String? {
        let likeness = { (other: String) in zip(other, path).prefix { $0 == $1 }.count }
        guard let best = routes.map(\.path).max(by: { likeness($0) < likeness($1) }) else { return nil }
        return likeness(best) > 1 ? best : nil
    }
}
