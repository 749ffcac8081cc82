internal import NIOCore
internal import NIOHTTP1

/// Takes the requests of one connection, one after the other.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A longer body is read and left out, and answered with 413.
    static let longestBody = 1 << 20

    private let reception: Reception
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false

    init(reception: Reception) { self.reception = reception }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLong = false
        case .body(let part):
            isTooLong = isTooLong || body.count + part.readableBytes > Self.longestBody
            if isTooLong { body = [] } else { body += part.readableBytesView }
        case .end:
            guard let head else { return }
            let answer = reception.receive(request(head))
            let delay = reception.delayMilliseconds
            guard delay > 0 else { return give(answer, to: head, in: context) }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(delay))) {
                let (handler, context) = bound.value
                handler.give(answer, to: head, in: context)
            }
        }
    }

    /// A peer that breaks the connection, or speaks something else, loses it; nobody else is the worse for it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func request(_ head: HTTPRequestHead) -> ReceivedRequest {
        let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
        return ReceivedRequest(
            method: head.method.rawValue, path: head.uri,
            headers: Dictionary(headers, uniquingKeysWith: { "\($0), \($1)" }), body: body,
            receivedNanoseconds: NIODeadline.now().uptimeNanoseconds, isTooLong: isTooLong)
    }

    private func give(_ answer: AnswerPlan.Answer, to head: HTTPRequestHead, in context: ChannelHandlerContext) {
        guard case .status(let code) = answer else { return context.close(promise: nil) }
        let status = HTTPResponseStatus(statusCode: code)
        var response = HTTPResponseHead(version: .http1_1, status: status)
        if status.mayHaveResponseBody { response.headers.add(name: "content-length", value: "0") }
        if !head.isKeepAlive { response.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !head.isKeepAlive { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
    }
}
