internal import Core
internal import HTTPTypes
internal import HummingbirdCore

let deviceRoutes: [Route] = [
    Route(
        .get, "/v1/devices", .deviceView,
        query: [
            .word("status", ["online", "offline", "utilizing", "unplugged"]), .word("platform", ["android", "ios"]),
        ]
    ) { call in
        let (status, platform) = (call.query.text("status"), call.query.text("platform"))
        var list = await call.agent.devices()
        list.devices.removeAll {
            (status ?? $0.status) != $0.status || (platform ?? $0.platform) != $0.platform
        }
        list.unidentified.removeAll { status != nil || (platform ?? $0.platform) != $0.platform }
        return try Answer.json(list)
    },
    Route(.get, "/v1/devices/{udid}", .deviceView) { call in
        let given = call.parameter("udid")
        let udid = await call.udid(given).description
        let devices = await call.agent.devices().devices
        guard let device = devices.first(where: { $0.udid == udid }) else {
            throw Problem.notFound("device \(given)", nearest: devices.nearest(to: given))
        }
        return try Answer.json(device)
    },
    Route(.delete, "/v1/devices/{udid}", .orgSettingModify) { call in
        let udid = await call.udid(call.parameter("udid"))
        try await call.agent.forget(udid, by: call.actor)
        return Response(status: .noContent)
    },
    Route(.post, "/v1/devices/{udid}/expect-absence", .orgSettingModify) { call in
        let json = try await call.jsonBody()
        let udid = await call.udid(call.parameter("udid"))
        return try Answer.json(try await call.agent.expectAbsence(of: udid, json: json, by: call.actor))
    },
    Route(.delete, "/v1/devices/{udid}/expect-absence", .orgSettingModify) { call in
        let udid = await call.udid(call.parameter("udid"))
        return try Answer.json(try await call.agent.cancelExpectedAbsence(of: udid, by: call.actor))
    },
]

extension [DeviceView] {
    /// The one of which somebody has given the name, a part of the identity, or either of them misspelt.
    fileprivate func nearest(to text: String) -> String? {
        let lowercased = text.lowercased()
        let found =
            first { $0.name.lowercased() == lowercased } ?? first { $0.udid.lowercased().contains(lowercased) }
            ?? flatMap { [$0.udid, $0.name] }.nearest(to: text).flatMap { near in
                first { $0.udid == near || $0.name == near }
            }
        return found.map { "\($0.udid) (\($0.name))" }
    }
}
