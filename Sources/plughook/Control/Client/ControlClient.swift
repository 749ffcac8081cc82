internal import ControlAPI
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// The agent's control API, as a command uses it: one request after the other, each on its own connection.
struct ControlClient {
    let socket: String
    /// Said with "no agent is running": why this socket is asked and not another.
    let note: String?

    /// The whole answer; throws whatever is not a success.
    func answer(to request: ControlRequest) throws(ControlFailure) -> ControlAnswer {
        var connection = try open(request)
        let head = try connection.nextHead(request)
        var body: [UInt8] = []
        while case .body(let part) = try connection.nextPart() {
            guard body.count + part.readableBytes <= ControlAnswer.longestBody else {
                throw .notUnderstood(request: request.description)
            }
            body += part.readableBytesView
        }
        let answer = ControlAnswer(request: request, body: body)
        guard (200...299).contains(head.status.code) else { throw .refused(answer.problem(status: head.status)) }
        return answer
    }

    /// Calls back for each event of a stream, until the agent ends it or `receive` throws.
    ///
    /// `opened` is called when the agent has accepted. Returns `lost` or `silent`, or throws a refusal.
    func stream(
        _ request: ControlRequest, opened: () -> Void, receive: (ServerSentEvent) throws -> Void
    ) throws -> ControlFailure {
        var connection = try open(request)
        let head = try connection.nextHead(request)
        guard head.status == .ok else {
            var body: [UInt8] = []
            while body.count < ControlAnswer.longestBody, case .body(let part) = try connection.nextPart() {
                body += part.readableBytesView
            }
            throw ControlFailure.refused(ControlAnswer(request: request, body: body).problem(status: head.status))
        }
        opened()
        var parser = ServerSentEventParser()
        while true {
            let part: HTTPClientResponsePart
            do {
                part = try connection.nextPart()
            } catch .notUnderstood(let request) {
                throw ControlFailure.notUnderstood(request: request)
            } catch {
                return error
            }
            guard case .body(let bytes) = part else { return .lost(request: request.description) }
            guard let events = parser.feed(bytes.readableBytesView) else {
                throw ControlFailure.notUnderstood(request: request.description)
            }
            for event in events { try receive(event) }
        }
    }

    private func open(_ request: ControlRequest) throws(ControlFailure) -> ControlConnection {
        do {
            return try ControlConnection(socket: socket, request: request)
        } catch .notRunning(let socket, _) {
            throw .notRunning(socket: socket, note: note)
        } catch {
            throw error
        }
    }
}

extension ControlConnection {
    fileprivate mutating func nextHead(_ request: ControlRequest) throws(ControlFailure) -> HTTPResponseHead {
        guard case .head(let head) = try nextPart() else { throw .notUnderstood(request: request.description) }
        return head
    }
}

/// A success of the API, and its document.
struct ControlAnswer {
    /// The largest page is a few hundred kilobytes.
    static let longestBody = 16 << 20

    let request: ControlRequest
    let body: [UInt8]

    func decoded<Document: Decodable>(as type: Document.Type) throws(ControlFailure) -> Document {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .notUnderstood(request: request.description)
        }
    }

    /// The document as it came.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// What the body says of an error; the status line alone when it says nothing.
    fileprivate func problem(status: HTTPResponseStatus) -> ProblemView {
        (try? JSONDecoder().decode(ProblemView.self, from: Data(body)))
            ?? ProblemView(
                type: "about:blank", title: status.reasonPhrase, status: Int(status.code),
                detail: "the agent answered \(request.description) with \(status.code) \(status.reasonPhrase)")
    }
}
