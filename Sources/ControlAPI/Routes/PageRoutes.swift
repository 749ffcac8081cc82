internal import Core
internal import FoundationEssentials
internal import HTTPTypes
internal import HummingbirdCore

let pageRoutes: [Route] = [
    // What the page shows is in its query, which is the page's alone.
    Route(.get, "/", nil, isQueryChecked: false) { call in try call.pageFile("index.html") },
    // Before the file of that name.
    Route(.get, "/page/session", nil) { call in
        try call.expectTCP()
        guard case .page(let session) = call.caller.identity else { throw Problem.unauthorized(.signedOut) }
        return try Answer.json(PageSessionView(session), headers: [.cacheControl: "no-store"])
    },
    Route(.post, "/page/session", nil) { call in
        try call.expectTCP()
        try call.request.checkOrigin()
        let code = try PageSignIn(json: try await call.jsonBody()).code
        guard let (cookie, token, session, ended) = call.page.signIn(code) else {
            throw Problem.unauthorized(.wrongCode)
        }
        await call.agent.signedIn(session, insteadOf: ended, by: await call.names.actor(.page(session)))
        return try Answer.json(
            PageSessionView(session, token: token), status: .created,
            headers: [
                .cacheControl: "no-store",
                .setCookie: PageCookie.set(cookie, for: PageAccess.sessionLife),
            ])
    },
    Route(.delete, "/page/session", nil) { call in
        try call.expectTCP()
        guard case .page(let session) = call.caller.identity else { throw Problem.unauthorized(.signedOut) }
        call.page.signOut(session)
        await call.agent.signedOut(session, by: await call.actor)
        return Response(status: .noContent, headers: [.setCookie: PageCookie.set("", for: .zero)])
    },
    Route(.get, "/page/{file}", nil) { call in try call.pageFile(call.parameter("file")) },
    Route(.post, "/v1/page/links", .deviceView) { call in
        // A token or a browser that makes them would outlive its own end.
        guard case .user(let uid) = call.caller.identity else {
            throw Problem(
                403, "forbidden", "Forbidden",
                "A link is made on the Unix socket alone: run plughook page on this host.")
        }
        guard let address = call.page.address else {
            let file = await call.agent.status().configurationFile
            throw ControlError.conflict(
                problem: "Nothing listens on TCP, so the page is not served.",
                advice: #"Write "control": {"http": {"listen": "127.0.0.1:8377"}} into \#(file), and look at "#
                    + "plughook status if it is there already.")
        }
        let user = await call.names.name(of: uid) ?? "uid \(uid)"
        let (code, ends) = call.page.link(for: uid, user, call.caller.permissions)
        return try Answer.json(
            PageLinkView(url: "http://\(address)/#sign-in=\(code)", expiresAt: ends.description), status: .created,
            headers: [.cacheControl: "no-store"])
    },
    Route(.post, "/v1/page/secrets", .orgSettingModify) { call in
        let secret = try await call.agent.createSecret(json: try await call.jsonBody(), by: call.actor)
        return try Answer.json(secret, status: .created, headers: [.cacheControl: "no-store"])
    },
]

extension Call {
    fileprivate func pageFile(_ name: String) throws -> Response {
        try expectTCP()
        guard let file = PageFile.all[name] else {
            throw Problem.notFound("file \(name) of the page", nearest: Array(PageFile.all.keys).nearest(to: name))
        }
        return file.response(to: request)
    }

    /// A browser does not come by the socket.
    fileprivate func expectTCP() throws(Problem) {
        if isOverTCP { return }
        throw Problem(
            404, "not-found", "Not found", "The page is served over TCP alone; plughook page says where.")
    }
}

extension PageSessionView {
    fileprivate init(_ session: PageSession, token: String? = nil) {
        self.init(
            user: session.user,
            permissions: Permission.allCases.filter(session.permissions.contains).map(\.rawValue),
            expiresAt: session.ends.description, pageToken: token)
    }
}

/// The body that signs in.
private struct PageSignIn: Decodable {
    let code: String

    init(json: [UInt8]) throws(Problem) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw .badRequest(#"The body must be {"code": "…"}, with the code of a link that plughook page prints."#)
        }
    }
}
