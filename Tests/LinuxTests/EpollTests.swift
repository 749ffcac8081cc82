import Core
import Linux
import Testing

@Suite struct EpollTests {
    /// A deadline must have passed when the wait for it returns: a loop that woke early would spin until it has.
    @Test(arguments: [Duration.microseconds(1), .microseconds(900), .milliseconds(1), .microseconds(2500)])
    func wait_neverReturnsBeforeItsTime(_ timeout: Duration) throws {
        let epoll = try Epoll()
        let before = MonotonicTime.now()
        _ = try epoll.wait(timeout: timeout)
        #expect(MonotonicTime.now() - before >= timeout)
    }

    @Test func wait_withATimePast_returnsAtOnce() throws {
        let epoll = try Epoll()
        #expect(try epoll.wait(timeout: .seconds(-5)).isEmpty)
    }

    @Test func anEpollInAnEpoll_isReadable_whileOneOfItsOwnIs() throws {
        let mailbox = try Mailbox<Int>()
        let inner = try Epoll()
        let outer = try Epoll()
        try inner.watch(mailbox.descriptor, for: .readable)
        try outer.watch(inner.descriptor, for: .readable)
        #expect(try outer.wait(timeout: .zero).isEmpty)
        mailbox.send(1)
        #expect(try outer.wait(timeout: .zero).map(\.descriptor) == [inner.descriptor])
        _ = mailbox.receive()
        #expect(try outer.wait(timeout: .zero).isEmpty)
    }

    @Test func forget_isHarmless_forADescriptorThatIsNotWatched() throws {
        let epoll = try Epoll()
        epoll.forget(epoll.descriptor)
        #expect(try epoll.wait(timeout: .zero).isEmpty)
    }
}
