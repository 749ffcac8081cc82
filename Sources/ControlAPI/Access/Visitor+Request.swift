internal import HTTPTypes
internal import HummingbirdCore

extension Visitor {
    /// Who makes this request; throws when it is not for this server, or nobody may ask anything yet.
    func caller(of request: Request) throws(Problem) -> Caller {
        switch self {
        case .local(let caller): return caller
        case .network(let tokens, let page):
            try checkHost(of: request)
            let caller = Self.caller(of: request, tokens, page)
            if case .page = caller.identity {
                try request.checkOrigin()
                return caller
            }
            guard tokens.isOpen || request.isForEverybody else { throw .noTokens }
            return caller
        }
    }

    /// A bearer token is shown on purpose; a browser adds its cookie to whatever it asks, and does so on other ports.
    private static func caller(of request: Request, _ tokens: TokenAccess, _ page: PageAccess) -> Caller {
        if let authorization = request.headers[.authorization] { return tokens.caller(authorization) }
        let cookies = PageCookie.all(in: request)
        guard !cookies.isEmpty else { return tokens.caller(nil) }
        return request.pageToken.flatMap { page.session(of: cookies, $0) }.map { .page($0) } ?? .nobody(.signedOut)
    }

    /// Whether the same request would be allowed now.
    func allows(_ request: Request, _ route: Route) -> Bool {
        guard let permission = route.permission else { return true }
        let caller =
            switch self {
            case .local(let caller): caller
            case .network(let tokens, let page): Self.caller(of: request, tokens, page)
            }
        return caller.permissions.contains(permission)
    }

    /// A page of another site whose name was made to lead to this host (DNS rebinding) says that name.
    private func checkHost(of request: Request) throws(Problem) {
        // The first one is the authority; whatever is left was given twice.
        guard let host = request.head.authority, request.headers[.host] == nil else {
            throw .badRequest("Give the header Host once, with the address that you connect to.")
        }
        guard LoopbackHost(host) != nil else {
            throw Problem(
                421, "wrong-host", "Wrong host",
                "This is no other host than localhost: connect to 127.0.0.1, [::1] or localhost, and say so in Host.")
        }
    }
}

extension Request {
    /// What is answered on TCP though there is no token: that it lives, and what one needs to sign in.
    fileprivate var isForEverybody: Bool {
        let path = uri.path
        return path == "/healthz" || path == "/" || path.hasPrefix("/page/")
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host") ?? .ifMatch
}

extension Problem {
    static let howToGetAToken =
        "as root or in the group plughook-admin, make one on this host: "
        + "plughook tokens create NAME --permissions PERMISSION."

    /// TCP without any token.
    static var noTokens: Problem {
        asking(
            "There is no token yet, so only /healthz is answered here; \(howToGetAToken) For a browser, run plughook page."
        )
    }

    static func unauthorized(_ reason: Caller.Reason) -> Problem {
        switch reason {
        case .noToken:
            asking("Send a token in the header Authorization: Bearer TOKEN; \(howToGetAToken)")
        case .wrongToken:
            asking("There is no such token: it is misspelt or was revoked; \(howToGetAToken)")
        case .expired(let name, let moment):
            asking("The token \(name) has expired at \(moment); \(howToGetAToken)")
        case .signedOut:
            asking("This browser is not signed in, or not any more: run plughook page for a link that signs it in.")
        case .wrongCode:
            asking("The link was used already, or is over: run plughook page for another.")
        }
    }

    private static func asking(_ detail: String) -> Problem {
        var problem = Problem(401, "unauthorized", "Unauthorized", detail)
        problem.scheme = "Bearer"
        return problem
    }
}
