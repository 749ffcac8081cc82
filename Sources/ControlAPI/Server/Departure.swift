internal import NIOCore

/// Tells when the other end of a connection has closed it, or will not send anything any more.
///
/// First in the pipeline, so that it is told whatever the handlers behind it do with that.
final class Departure: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    /// Succeeds once, at the end of the connection at the latest.
    let future: EventLoopFuture<Void>
    private let promise: EventLoopPromise<Void>

    init(on eventLoop: any EventLoop) {
        promise = eventLoop.makePromise()
        future = promise.futureResult
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { promise.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { promise.succeed() }
}
