import Linux
import Testing

@Suite struct MailboxTests {
    @Test func messages_arriveInOrder_fromAnotherThread() throws {
        let mailbox = try Mailbox<Int>()
        let thread = try Thread(name: "sender") { for number in 0..<10_000 { mailbox.send(number) } }
        var received: [Int] = []
        while received.count < 10_000 { received += mailbox.waitAndReceive() }
        thread.join()
        #expect(received == Array(0..<10_000))
    }

    @Test func descriptor_isReadable_exactlyWhileThereIsAMessage() throws {
        let mailbox = try Mailbox<Int>()
        let epoll = try Epoll()
        try epoll.watch(mailbox.descriptor, for: .readable)
        #expect(try epoll.wait(timeout: .zero).isEmpty)
        mailbox.send(1)
        mailbox.send(2)
        #expect(try epoll.wait(timeout: .zero).map(\.descriptor) == [mailbox.descriptor])
        #expect(mailbox.receive() == [1, 2])
        #expect(try epoll.wait(timeout: .zero).isEmpty)
    }
}
