internal import Core
internal import HTTPTypes

let deliveryRoutes: [Route] = [
    Route(
        .get, "/v1/deliveries", .deviceView,
        query: [
            .number("webhook", from: 1), .text("device"), .word("state", DeliveryState.allCases.map(\.rawValue)),
            .moment("since"), .moment("until"), .number("before", from: 1), .limit,
        ]
    ) { call in
        let device = if let text = call.query.text("device") { await call.udid(text) } else { nil as UDID? }
        let page = try await call.agent.deliveries(
            DeliveryQuery(
                webhook: call.query.number("webhook"), device: device, state: call.query.text("state"),
                since: call.query.moment("since"), until: call.query.moment("until"),
                before: call.query.number("before"), limit: call.query.limit))
        return try Answer.json(page)
    },
    // Before the callback of that id.
    Route(.post, "/v1/deliveries/redeliver", .deliveryManage) { call in
        try Answer.json(try await call.agent.redeliver(json: try await call.jsonBody(), by: call.actor))
    },
    Route(.get, "/v1/deliveries/{id}", .deviceView) { call in
        try Answer.json(try await call.agent.delivery(call.parameter("id")))
    },
    Route(.post, "/v1/deliveries/{id}/redeliver", .deliveryManage) { call in
        try Answer.json(try await call.agent.redeliver(call.parameter("id"), by: call.actor))
    },
]
