internal import Core
internal import HTTPTypes
internal import HummingbirdCore

let tokenRoutes: [Route] = [
    Route(.get, "/v1/tokens", .orgSettingModify) { call in
        try Answer.json(["tokens": await call.agent.tokens()])
    },
    Route(.post, "/v1/tokens", .orgSettingModify) { call in
        let json = try await call.jsonBody()
        // Whoever finds it somewhere can tell by its first letters what it is for.
        let secret = "plughook_" + randomSecret()
        // A SHA-256 has 32 bytes, so there is always a digest.
        let digest = TokenDigest(of: secret) ?? .unknown
        let token = try await call.agent.createToken(json: json, digest: digest, by: call.actor)
        return try Answer.json(
            NewTokenView(token, secret: secret), status: .created,
            headers: [.location: "/v1/tokens/\(token.pathName)", .cacheControl: "no-store"])
    },
    Route(.delete, "/v1/tokens/{name}", .orgSettingModify) { call in
        try await call.agent.revokeToken(call.parameter("name"), by: call.actor)
        return Response(status: .noContent)
    },
]

extension TokenView {
    /// As one segment of a path.
    fileprivate var pathName: String {
        name.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
