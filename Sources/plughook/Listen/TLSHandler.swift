internal import COpenSSL
internal import NIOCore

/// TLS of one connection, between its socket and what speaks HTTP.
///
/// OpenSSL sees no socket: it reads what came from one buffer in memory and writes what is to go to another.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most that one record holds (RFC 8446, section 5.1).
    private static let longestRecord = 16_384

    private let connection: OpaquePointer
    // Both belong to the connection.
    private let received: OpaquePointer
    private let outgoing: OpaquePointer

    /// Nil without memory.
    init?(_ context: ServingContext) {
        guard let connection = context.connection() else { return nil }
        guard let received = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(connection)
            return nil
        }
        SSL_set_bio(connection, received, outgoing)
        SSL_set_accept_state(connection)
        (self.connection, self.received, self.outgoing) = (connection, received, outgoing)
    }

    deinit { SSL_free(connection) }

    /// Reading goes on with the handshake, too, until that is done.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let came = unwrapInboundIn(data)
        came.withUnsafeReadableBytes { _ = BIO_write(received, $0.baseAddress, Int32($0.count)) }
        while true {
            var plain = context.channel.allocator.buffer(capacity: Self.longestRecord)
            ERR_clear_error()
            let result = plain.withUnsafeMutableWritableBytes {
                SSL_read(connection, $0.baseAddress, Int32(min($0.count, Self.longestRecord)))
            }
            guard result > 0 else {
                let failure = SSL_get_error(connection, result)
                flushOutgoing(context)
                return failure == SSL_ERROR_WANT_READ ? () : end(after: failure, context)
            }
            plain.moveWriterIndex(forwardBy: Int(result))
            context.fireChannelRead(wrapInboundOut(plain))
        }
    }

    /// An answer follows its request, so the handshake is done, and a buffer in memory takes all of it.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let plain = unwrapOutboundIn(data)
        ERR_clear_error()
        let isTaken = plain.withUnsafeReadableBytes {
            $0.isEmpty || SSL_write(connection, $0.baseAddress, Int32($0.count)) == Int32($0.count)
        }
        guard isTaken else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return end(after: SSL_ERROR_SSL, context)
        }
        context.write(wrapOutboundOut(takeOutgoing(context)), promise: promise)
    }

    /// With a farewell, so that the peer knows that nothing was cut off.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if SSL_is_init_finished(connection) == 1 { SSL_shutdown(connection) }
        flushOutgoing(context)
        context.close(mode: mode, promise: promise)
    }

    private func end(after failure: Int32, _ context: ChannelHandlerContext) {
        if failure != SSL_ERROR_ZERO_RETURN { complain("TLS: \(reasonOfLastFailure() ?? "broken off")") }
        context.close(promise: nil)
    }

    private func flushOutgoing(_ context: ChannelHandlerContext) {
        let records = takeOutgoing(context)
        if records.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(records), promise: nil) }
    }

    private func takeOutgoing(_ context: ChannelHandlerContext) -> ByteBuffer {
        let count = Int(BIO_ctrl_pending(outgoing))
        var records = context.channel.allocator.buffer(capacity: count)
        records.withUnsafeMutableWritableBytes { _ = BIO_read(outgoing, $0.baseAddress, Int32(count)) }
        records.moveWriterIndex(forwardBy: count)
        return records
    }
}
