internal import Core
internal import HTTPTypes

let deliveryRoutes: [Route] = [
    Route(
        .get, "/v1/deliveries", .deviceView,
        query: [
            .number("webhook", from: 1), .text("device"), .word("state", ["pending", "delivered", "cancelled"]),
            .number("before", from: 1), .limit,
        ]
    ) { call in
        let device = if let text = call.query.text("device") { await call.udid(text) } else { nil as UDID? }
        let page = try await call.agent.deliveries(
            DeliveryQuery(
                webhook: call.query.number("webhook"), device: device, state: call.query.text("state"),
                before: call.query.number("before"), limit: call.query.limit))
        return try Answer.json(page)
    },
    Route(.get, "/v1/deliveries/{id}", .deviceView) { call in
        try Answer.json(try await call.agent.delivery(call.parameter("id")))
    },
]
