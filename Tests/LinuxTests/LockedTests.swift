import Linux
import Testing

struct LockedTests {
    private struct Refusal: Error {}

    @Test func increments_AreAllKept_WhenThreadsCompete() throws {
        let count = Locked(0)
        let counting: @Sendable () -> Void = { for _ in 0..<20_000 { count.withLock { $0 += 1 } } }
        let one = try Thread(name: "one", counting)
        let other = try Thread(name: "other", counting)
        one.join()
        other.join()
        #expect(count.withLock { $0 } == 40_000)
    }

    @Test func lock_IsReleased_WhenTheWorkThrows() {
        let value = Locked(1)
        #expect(throws: Refusal.self) { try value.withLock { _ throws(Refusal) in throw Refusal() } }
        #expect(value.withLock { $0 } == 1)
    }
}
