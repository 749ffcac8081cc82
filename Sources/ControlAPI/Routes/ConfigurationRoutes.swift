internal import Core
internal import HTTPTypes

let configurationRoutes: [Route] = [
    Route(.get, "/v1/config", .orgSettingModify) { call in
        Answer.bytes(await call.agent.configuration(), type: "application/json")
    },
    Route(.post, "/v1/config/reload", .orgSettingModify) { call in
        try Answer.json(await call.agent.reload(by: call.actor))
    },
    Route(.get, "/v1/audit", .orgSettingModify, query: [.number("before", from: 1), .limit]) { call in
        try Answer.json(try await call.agent.audit(before: call.query.number("before"), limit: call.query.limit))
    },
    Route(.get, "/v1/openapi.json", nil) { _ in
        Answer.bytes(PackageResources.openapi_json, type: "application/json")
    },
]
