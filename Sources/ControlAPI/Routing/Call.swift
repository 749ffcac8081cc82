internal import Core
internal import FoundationEssentials
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// One request that may be answered: its route is known, its caller has the permission, its query is right.
struct Call: Sendable {
    let agent: any ControlledAgent
    let page: PageAccess
    let isOverTCP: Bool
    let request: Request
    let channel: any Channel
    /// Succeeds when the caller has gone, or will not send anything any more.
    let departure: EventLoopFuture<Void>
    let caller: Caller
    let parameters: [String: String]
    let query: Query
    let names: UserNames
    let limits: ControlLimits
    /// Whether the caller could make this call now: tokens expire and are revoked while an answer goes on.
    let isStillAllowed: @Sendable () -> Bool

    /// Who is named in the audit trail.
    var actor: String { get async { await names.actor(caller) } }

    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The JSON body as it came; what is in it is the agent's to judge.
    func jsonBody() async throws -> [UInt8] {
        let isPatch = request.method == .patch
        let types = ["application/json"] + (isPatch ? ["application/merge-patch+json"] : [])
        let given = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard let given, types.contains(given.filter { $0 != " " }) else {
            throw Problem(
                415, "unsupported-type", "Unsupported type",
                "The body must be JSON: send the header Content-Type: \(types.joined(separator: " or ")).")
        }
        return try await body()
    }

    private func body() async throws -> [UInt8] {
        let limit = limits.bodyBytes
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw BrokenOff(problem: .tooLarge(limit: limit))
        }
        return try await withThrowingTaskGroup(of: [UInt8].self) { [request, limits] group in
            group.addTask { Array(buffer: try await request.body.collect(upTo: limit)) }
            group.addTask {
                try await Task.sleep(for: limits.bodyTime)
                throw BrokenOff(
                    problem: Problem(
                        408, "too-slow", "Body too slow",
                        "The body did not come within \(limits.bodyTime.components.seconds) seconds; send it at once."))
            }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? []
            } catch is NIOTooManyBytesError {
                throw BrokenOff(problem: .tooLarge(limit: limit))
            }
        }
    }

    /// A phone as people name it: Apple's identifiers also without the dash and in any case.
    func udid(_ text: String) async -> UDID {
        guard let apple = UDID(apple: text), apple.description != text else { return UDID(text) }
        let known = await agent.devices().devices.map(\.udid)
        return known.contains(text) ? UDID(text) : apple
    }
}

/// The rest of the body is not read: the connection ends with this answer.
struct BrokenOff: Error {
    let problem: Problem
}
