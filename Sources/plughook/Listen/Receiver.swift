internal import Core
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The listening socket and its one thread.
struct Receiver {
    let address: ListenAddress
    let answers: AnswerPlan
    let isJSON: Bool
    let key: SigningKey?
    /// Nil: without TLS.
    let tls: ServingContext?

    /// Serves until SIGINT or SIGTERM comes.
    ///
    /// Both stay blocked from here on and are waited for, which every thread that is started later inherits.
    func run() throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try bind(on: group.next())
        let bound = ListenAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
        announce("listening on \(tls == nil ? "http" : "https")://\(bound)/")
        var number: Int32 = 0
        sigwait(&signals, &number)
        try group.syncShutdownGracefully()
    }

    private func bind(on loop: any EventLoop) throws -> any Channel {
        let reception = NIOLoopBoundBox.makeBoxSendingValue(
            Reception(answers: answers, isJSON: isJSON, key: key), eventLoop: loop)
        return try ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        guard let handler = TLSHandler(tls) else { throw IOError(errnoCode: ENOMEM, reason: "TLS") }
                        try pipeline.addHandler(handler)
                    }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(RequestHandler(reception: reception.value))
                }
            }
            .bind(host: address.host, port: address.port).wait()
    }

    private func announce(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
