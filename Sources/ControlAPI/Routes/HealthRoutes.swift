internal import Core
internal import HTTPTypes

let healthRoutes: [Route] = [
    Route(.get, "/healthz", nil) { _ in try Answer.json(["status": "ok"]) },
    Route(.get, "/readyz", .deviceView) { call in
        let phase = await call.agent.status().phase
        guard phase == "ready" else {
            throw Problem(503, "not-ready", "Not ready", "The agent is \(phase). GET /v1/status says more.")
        }
        return try Answer.json(["status": "ready"])
    },
    Route(.get, "/metrics", .deviceView) { call in
        let text = await call.agent.metrics().text
        return Answer.bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    },
    Route(.get, "/v1/status", .deviceView) { call in try Answer.json(await call.agent.status()) },
]
