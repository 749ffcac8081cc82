import Core
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite struct DescriptionTests {
    @Test func description_HasJustTheRoutesThatThereAre() throws {
        let described = try Description.operations().flatMap { path, operations in
            operations.keys.map { "\($0.uppercased()) \(path)" }
        }
        let routes = RouteTable.all.routes.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(described) == Set(routes))
        #expect(routes.count == Set(routes).count)
    }

    @Test func description_HasTheQueryParametersAndThePermissionOfEachRoute() throws {
        let operations = try Description.operations()
        for route in RouteTable.all.routes {
            let operation = try #require(operations[route.path]?[route.method.rawValue.lowercased()])
            let parameters = operation["parameters"] as? [Description.Object] ?? []
            let query = parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
            #expect(query == route.query.map(\.name), "\(route.method) \(route.path)")
            let text = try #require(operation["description"] as? String)
            #expect(text.hasSuffix(route.permission.map { "the permission \($0.rawValue)." } ?? "Everybody may ask."))
        }
    }

    @Test func match_FindsWhatIsMeant() {
        func found(_ method: HTTPRequest.Method, _ path: String) -> String {
            switch RouteTable.all.match(method, path) {
            case .route(let route, let parameters): "\(route.path) \(parameters.values.sorted())"
            case .wrongMethod(let allowed): allowed.joined(separator: " ")
            case .unknown(let nearest): "? \(nearest ?? "")"
            }
        }
        #expect(found(.get, "/v1/devices/a%2Fb%20c") == #"/v1/devices/{udid} ["a/b c"]"#)
        #expect(found(.head, "/healthz") == "/healthz []")
        #expect(found(.delete, "/v1/events/stream") == "GET HEAD")
        #expect(found(.delete, "/v1/webhooks") == "GET POST HEAD")
        #expect(found(.get, "/v1/device") == "? /v1/devices/{udid}" || found(.get, "/v1/device") == "? /v1/devices")
        #expect(found(.get, "/x") == "? ")
        #expect(found(.get, "/page/session") == "/page/session []")
        #expect(found(.get, "/page/a.js") == #"/page/{file} ["a.js"]"#)
    }
}
