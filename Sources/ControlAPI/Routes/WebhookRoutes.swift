internal import Core
internal import Glibc
internal import HTTPTypes
internal import HummingbirdCore

let webhookRoutes: [Route] = [
    Route(.get, "/v1/webhooks", .deviceView) { call in
        try Answer.json(["webhooks": await call.agent.webhooks().map(call.shown)])
    },
    Route(.post, "/v1/webhooks", .orgSettingModify) { call in
        let webhook = try await call.agent.createWebhook(json: try await call.jsonBody(), by: call.editor)
        return try Answer.json(
            webhook, status: .created,
            headers: [.location: "/v1/webhooks/\(webhook.id)", .eTag: webhook.quotedTag])
    },
    // Before the webhook of that id.
    Route(.post, "/v1/webhooks/match", .deviceView) { call in
        try Answer.json(try await call.agent.matches(json: try await call.jsonBody()))
    },
    Route(
        .post, "/v1/webhooks/preview", .orgSettingModify,
        query: [.word("event", Status.allCases.map(\.rawValue)), .text("device")]
    ) { call in
        let json = try await call.jsonBody()
        let device = if let text = call.query.text("device") { await call.udid(text) } else { nil as UDID? }
        return try Answer.json(
            try await call.agent.preview(
                json: json, event: call.query.text("event").flatMap(Status.init) ?? .offline, device: device,
                by: call.editor))
    },
    Route(.get, "/v1/webhooks/{id}", .deviceView) { call in
        let id = try await call.webhook()
        guard let webhook = await call.agent.webhooks().first(where: { $0.id == id }) else {
            throw Problem.notFound("webhook \(id)", nearest: nil)
        }
        return try Answer.json(call.shown(webhook), headers: [.eTag: webhook.quotedTag])
    },
    Route(.get, "/v1/webhooks/{id}/match", .deviceView) { call in
        try Answer.json(try await call.agent.matches(of: try await call.webhook()))
    },
    Route(
        .get, "/v1/webhooks/{id}/preview", .deviceView,
        query: [.word("event", Status.allCases.map(\.rawValue)), .text("device")]
    ) { call in
        let device = if let text = call.query.text("device") { await call.udid(text) } else { nil as UDID? }
        return try Answer.json(
            try await call.agent.preview(
                try await call.webhook(), event: call.query.text("event").flatMap(Status.init) ?? .offline,
                device: device))
    },
    Route(.put, "/v1/webhooks/{id}", .orgSettingModify) { call in try await call.edit(isPatch: false) },
    Route(.patch, "/v1/webhooks/{id}", .orgSettingModify) { call in try await call.edit(isPatch: true) },
    Route(.delete, "/v1/webhooks/{id}", .orgSettingModify) { call in
        let cancelled = try await call.agent.deleteWebhook(
            try await call.webhook(), ifMatch: try call.ifMatch(), by: call.actor)
        return try Answer.json(["cancelled": cancelled])
    },
    Route(.post, "/v1/webhooks/{id}/test", .orgSettingModify) { call in
        try Answer.json(try await call.agent.testWebhook(try await call.webhook(), by: call.actor))
    },
    Route(.post, "/v1/webhooks/{id}/suspend", .orgSettingModify) { call in
        try Answer.json(try await call.agent.suspendWebhook(try await call.webhook(), by: call.actor))
    },
    Route(.post, "/v1/webhooks/{id}/resume", .orgSettingModify) { call in
        try Answer.json(try await call.agent.resumeWebhook(try await call.webhook(), by: call.actor))
    },
]

extension Call {
    fileprivate var editor: WebhookEditor {
        get async {
            let mayNameAnyPlace = [.user(uid: 0), .user(uid: geteuid())].contains(caller.identity)
            return WebhookEditor(actor: await actor, mayNameAnyPlace: mayNameAnyPlace)
        }
    }

    fileprivate func edit(isPatch: Bool) async throws -> Response {
        let id = try await webhook()
        let tag = try ifMatch()
        let webhook = try await agent.editWebhook(
            id, json: try await jsonBody(), isPatch: isPatch, ifMatch: tag, by: editor)
        return try Answer.json(webhook, headers: [.eTag: webhook.quotedTag])
    }

    /// The webhook of the path; people give a name too, and are told its number.
    fileprivate func webhook() async throws(Problem) -> Int64 {
        let text = parameter("id")
        if let id = Int64(text) { return id }
        let named = await agent.webhooks().first { $0.name == text }
        throw .notFound("webhook \(text): its id is a number", nearest: named.map { "\($0.id)" })
    }

    /// Nil when any definition is meant. Quotes may be missing: the `etag` of a body has none.
    fileprivate func ifMatch() throws -> String? {
        guard let given = request.headers[.ifMatch], given != "*" else { return nil }
        // A weak tag, by its definition, matches nothing here (RFC 9110, 13.1.1).
        if given.hasPrefix("W/") { throw ControlError.changedMeanwhile }
        let tag = unquoted(given)
        guard !tag.contains("\"") else { throw Problem.badRequest("If-Match must be one tag, or *.") }
        return tag
    }

    /// The path of a URL may be a secret, and a header's value too, so only those see them who may change them.
    fileprivate func shown(_ webhook: WebhookView) -> WebhookView {
        guard !caller.permissions.contains(.orgSettingModify) else { return webhook }
        var webhook = webhook
        let parts = webhook.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let host = parts.last?.prefix { !"/?#".contains($0) } ?? ""
        webhook.headers = webhook.headers.mapValues { _ in "…" }
        webhook.url = parts.count == 3 ? "\(parts[0])//\(host)/…" : "…"
        return webhook
    }
}

extension WebhookView {
    fileprivate var quotedTag: String { "\"\(unquoted(etag))\"" }
}

private func unquoted(_ tag: String) -> String {
    tag.count >= 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? String(tag.dropFirst().dropLast()) : tag
}
