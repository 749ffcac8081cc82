internal import FoundationEssentials
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// An error answer: what is wrong and what to do (RFC 9457).
struct Problem: Error {
    var view: ProblemView
    var allow: [String] = []
    /// What is to be shown and was not, for `WWW-Authenticate`.
    var scheme: String?

    init(_ status: Int, _ type: String, _ title: String, _ detail: String, faults: [FaultView]? = nil) {
        view = ProblemView(
            type: "/problems/\(type)", title: title, status: status, detail: detail, faults: faults)
    }

    static func badRequest(_ detail: String) -> Problem { Problem(400, "bad-request", "Bad request", detail) }

    static func notFound(_ what: String, nearest: String?) -> Problem {
        let hint = nearest.map { "Did you mean \($0)?" } ?? "List them to see which there are."
        return Problem(404, "not-found", "Not found", "There is no \(what). \(hint)")
    }

    static func unavailable(_ problem: String, _ advice: String) -> Problem {
        Problem(503, "unavailable", "Unavailable", "\(problem) \(advice)")
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(413, "too-large", "Body too large", "The body may have at most \(limit) bytes; send a shorter one.")
    }

    init(_ error: ControlError) {
        switch error {
        case .notFound(let what, let nearest):
            self = .notFound(what, nearest: nearest)
        case .invalid(let faults):
            self.init(
                422, "invalid", "Invalid body",
                "Nothing was changed. Mend what is named in faults, and send it again.", faults: faults)
        case .conflict(let problem, let advice):
            self.init(409, "conflict", "Conflict", "\(problem) \(advice)")
        case .forbidden(let problem, let advice):
            self.init(403, "forbidden", "Forbidden", "\(problem) \(advice)")
        case .changedMeanwhile:
            self.init(
                412, "changed-meanwhile", "Changed meanwhile",
                "Somebody else has changed it since you read it. Read it again, and repeat your edit.")
        case .unavailable(let problem, let advice):
            self = .unavailable(problem, advice)
        }
    }

    var json: [UInt8] { (try? Answer.encode(view)) ?? Array("{}".utf8) }

    func response(closing: Bool = false) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if !allow.isEmpty { headers[.allow] = allow.joined(separator: ", ") }
        if let scheme { headers[.wwwAuthenticate] = scheme }
        if closing { headers[.connection] = "close" }
        return Response(
            status: .init(code: view.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}
