internal import Core
internal import Glibc
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Answers each request, whatever becomes of it.
struct ControlResponder: Sendable {
    let agent: any ControlledAgent
    let page: PageAccess
    let access: Access
    let names: UserNames
    let limits: ControlLimits
    let logger: Logger

    /// `place` is told when the caller is nobody's stranger; `departure` succeeds when the caller has gone.
    func answer(
        _ request: Request, from visitor: Visitor, on channel: any Channel, until departure: EventLoopFuture<Void>,
        knownBy place: ConnectionCount.Place?
    ) async -> Response {
        var response = await answerOrProblem(request, from: visitor, on: channel, until: departure, knownBy: place)
        response.headers[.date] = dateNow()
        // No browser takes an answer for anything else than it is, nor into a page of another origin.
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answerOrProblem(
        _ request: Request, from visitor: Visitor, on channel: any Channel, until departure: EventLoopFuture<Void>,
        knownBy place: ConnectionCount.Place?
    ) async -> Response {
        do {
            let caller = try visitor.caller(of: request)
            if !caller.permissions.isEmpty { place?.isKnown() }
            let (route, parameters) = try route(of: request)
            try await check(caller, for: route)
            let given = route.isQueryChecked ? request.uri.queryParameters : [:]
            let pairs = given.map { (name: String($0.key), value: String($0.value)) }
            let isOverTCP = if case .network = visitor { true } else { false }
            let call = Call(
                agent: agent, page: page, isOverTCP: isOverTCP, request: request, channel: channel,
                departure: departure, caller: caller,
                parameters: parameters, query: try Query(pairs, knowing: route.query), names: names, limits: limits,
                isStillAllowed: { visitor.allows(request, route) })
            return try await route.answer(call)
        } catch let error as Problem {
            // Strangers wait for nothing, and their room is scarce.
            return error.response(closing: error.scheme != nil)
        } catch let error as ControlError {
            return Problem(error).response()
        } catch let error as BrokenOff {
            return error.problem.response(closing: true)
        } catch is CancellationError {
            return Problem.unavailable("The agent is stopping.", "Ask again when it runs.").response(closing: true)
        } catch {
            logger.error(
                "A request has failed: \(error)", metadata: ["request": "\(request.method) \(request.uri.path)"])
            return Problem(
                500, "internal", "Internal error", "The agent's log says what happened: journalctl -u plughook."
            ).response(closing: true)
        }
    }

    private func route(of request: Request) throws(Problem) -> (Route, [String: String]) {
        switch RouteTable.all.match(request.method, request.uri.path) {
        case .route(let route, let parameters):
            return (route, parameters)
        case .wrongMethod(let allowed):
            var problem = Problem(
                405, "method-not-allowed", "Method not allowed",
                "\(request.uri.path) answers to \(allowed.joined(separator: ", ")) only.")
            problem.allow = allowed
            throw problem
        case .unknown(let nearest):
            throw Problem(
                404, "not-found", "Not found",
                "There is no \(request.uri.path). "
                    + (nearest.map { "Did you mean \($0)? " } ?? "") + "GET /v1/openapi.json lists all there is.")
        }
    }

    private func check(_ caller: Caller, for route: Route) async throws(Problem) {
        guard let permission = route.permission, !caller.permissions.contains(permission) else { return }
        switch caller.identity {
        case .user(let uid):
            let name = await names.name(of: uid)
            throw Problem(
                403, "forbidden", "Forbidden",
                "\(await names.actor(caller)) has not the permission \(permission.rawValue). "
                    + access.advice(for: permission.group, userName: name))
        case .page(let session):
            throw Problem(
                403, "forbidden", "Forbidden",
                "\(session.user) had not the permission \(permission.rawValue) when this browser signed in. "
                    + access.advice(for: permission.group, userName: session.user) + " Then run plughook page again.")
        case .token(let name):
            throw Problem(
                403, "forbidden", "Forbidden",
                "The token \(name) has not the permission \(permission.rawValue). "
                    + "Use one that has it; \(Problem.howToGetAToken)")
        case .nobody(let reason):
            throw .unauthorized(reason)
        }
    }
}

/// As in RFC 9110, 5.6.7. Made for each answer: a cached one costs a wake-up each second, also when nobody asks.
private func dateNow() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 64)
    // The program sets no locale, so the names are the English ones.
    let length = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
