import Core
import Delivery
import Glibc
import Linux
import Testing

/// libcurl's own set of transfers breaks: the transfers fail, the callbacks stay, a new set takes over.
@Suite struct RecoveryTests {
    /// The kernel refuses to watch one descriptor more (`max_user_watches`, memory). Played by putting something that is no
    /// epoll in the place of the facade's.
    @Test func delivery_GoesOn_AfterSocketsCouldNotBeWatched() throws {
        try ScriptedReceiver.run({ _, _ in .status(200) }) { receiver in
            let harness = try Harness([.example(url: receiver.url())])
            let descriptor = harness.delivery.descriptor
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(null) }
            dup2(null, descriptor)
            for device in 0..<3 { harness.enqueue(.example(.example(129, "d\(device)"))) }
            harness.turn()
            #expect(harness.attempts.count == 3)
            #expect(harness.attempts.allSatisfy { $0.outcome != .accepted && $0.notBefore != nil })
            #expect((harness.delivery.inFlight, harness.delivery.waiting) == (0, 3))

            let epoll = try Epoll()
            dup2(epoll.descriptor, descriptor)
            try harness.watchAgain()
            harness.skip(.seconds(6))
            try harness.run(attempts: 6)
            #expect(harness.attempts.suffix(3).allSatisfy { $0.outcome == .accepted && $0.number == 2 })
        }
    }
}
