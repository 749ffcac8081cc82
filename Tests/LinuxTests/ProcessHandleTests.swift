import Glibc
import Linux
import Testing

/// A process is known by more than its number.
struct ProcessHandleTests {
    @Test func handle_isReadable_onceTheProcessHasEnded() throws {
        var pipes: [Int32] = [0, 0]
        #expect(pipe(&pipes) == 0)
        let child = try spawn(reading: pipes)
        let handle = try ProcessHandle(pid: child)
        #expect(!isReadable(handle.descriptor, within: 0))
        close(pipes[1])  // `cat` ends with its input
        #expect(isReadable(handle.descriptor, within: 10_000))
        // A zombie has ended.
        #expect(throws: SystemError.self) { _ = try ProcessHandle(pid: child).pid }
        var status: Int32 = 0
        #expect(waitpid(child, &status, 0) == child)
        #expect(throws: SystemError.self) { _ = try ProcessHandle(pid: child).pid }
    }

    @Test func startTime_isTheProcessesOwn() throws {
        let own = try ProcessHandle(pid: getpid())
        let again = try ProcessHandle(pid: getpid())
        #expect(own.startTime == again.startTime && own.startTime > 0)
        let first = try ProcessHandle(pid: 1)
        #expect(first.startTime < own.startTime)
    }

    @Test(arguments: [0, -1, Int32.max]) func handle_isRefused_forANumberOfNobody(_ pid: Int32) {
        #expect(throws: SystemError.self) { _ = try ProcessHandle(pid: pid).pid }
    }

    /// `cat`, which lives until its input ends.
    private func spawn(reading pipes: [Int32]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[0], 0)
        posix_spawn_file_actions_addclose(&actions, pipes[1])
        var child: pid_t = 0
        let arguments = [strdup("cat"), nil]
        defer { free(arguments[0]) }
        try #require(posix_spawnp(&child, "cat", &actions, nil, arguments, environ) == 0)
        close(pipes[0])
        return child
    }

    private func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, milliseconds) == 1
    }
}
