internal import Core
internal import FoundationEssentials
internal import HTTPTypes
internal import HummingbirdCore

let tokenRoutes: [Route] = [
    Route(.get, "/v1/tokens", .orgSettingModify) { call in
        try Answer.json(["tokens": await call.agent.tokens()])
    },
    Route(.post, "/v1/tokens", .orgSettingModify) { call in
        let json = try await call.jsonBody()
        let secret = newSecret()
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

/// 256 random bits of the system; whoever finds it somewhere can tell by its first letters what it is for.
private func newSecret() -> String {
    var system = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &system) }
    let base64 = Data(bytes).base64EncodedString()
    return "plughook_" + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

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
