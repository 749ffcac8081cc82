internal import ControlAPI
internal import Core
internal import PlughookConfiguration

// Tokens for programs that ask over TCP: they stand in the file, and are edited there.
extension Agent {
    var tokenViews: [TokenView] { (configuration.control.http?.tokens ?? []).map(TokenView.init) }

    func createToken(
        _ json: [UInt8], _ digest: TokenDigest, by actor: String,
        _ answer: @escaping @Sendable (Result<TokenView, ControlError>) -> Void
    ) {
        let token: AccessToken
        do {
            token = try AccessToken(request: json, digest: digest)
        } catch {
            return answer(.failure(.invalid(error.faults.map(FaultView.init))))
        }
        edit(.token(token.name), by: actor) { document in
            guard document.token(named: token.name) == nil else {
                return .failure(
                    .conflict(
                        problem: "Another token has this name.", advice: "Choose another, or revoke that one first."))
            }
            return .success(document.appending(token: token))
        } _: { outcome in
            answer(outcome.map { _ in TokenView(token) })
        }
    }

    func revokeToken(
        _ name: String, by actor: String, _ answer: @escaping @Sendable (Result<Void, ControlError>) -> Void
    ) {
        edit(.token(name), by: actor) { document in
            document.removing(token: name).map { .success($0) } ?? .failure(document.unknownToken(name))
        } _: { outcome in
            answer(outcome.map { _ in })
        }
    }
}

extension ConfigurationEdit {
    private var tokens: [AccessToken] { configuration.control.http?.tokens ?? [] }

    fileprivate func token(named name: String) -> AccessToken? {
        tokens.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    fileprivate func unknownToken(_ name: String) -> ControlError {
        .notFound(what: "token \(name.printable)", nearest: tokens.map(\.name).nearest(to: name))
    }
}

extension TokenView {
    init(_ token: AccessToken) {
        self.init(
            name: token.name, permissions: Permission.allCases.filter(token.permissions.contains).map(\.rawValue),
            expires: token.expires?.description)
    }
}
