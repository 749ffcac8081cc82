internal import Core
internal import Linux

/// Tells of the processes that sessions are bound to when they end. Lives in the loop: watch `descriptor`.
final class ProcessWatch {
    private let epoll: Epoll
    private var handles: [SessionID: ProcessHandle] = [:]

    init() throws(SystemError) { epoll = try Epoll() }

    /// Readable when `ended` has something to tell.
    var descriptor: Int32 { epoll.descriptor }

    /// Throws ESRCH when there is no such process (any more).
    func watch(_ pid: Int32, for session: SessionID) throws(SystemError) -> BoundProcess {
        let handle = try ProcessHandle(pid: pid)
        try epoll.watch(handle.descriptor, for: .readable)
        handles[session] = handle
        return BoundProcess(pid: pid, startTime: handle.startTime)
    }

    /// Of a session of the last run; false when that process is not there any more.
    func watchAgain(_ process: BoundProcess, for session: SessionID) -> Bool {
        guard let found = try? watch(process.pid, for: session) else { return false }
        if found != process { forget(session) }
        return found == process
    }

    func forget(_ session: SessionID) {
        guard let handle = handles.removeValue(forKey: session) else { return }
        epoll.forget(handle.descriptor)
    }

    /// The sessions whose processes have ended, each once.
    func ended() -> [SessionID] {
        // It fails for want of memory only: then the next turn has them.
        let ready = Set(((try? epoll.wait(timeout: .zero)) ?? []).map(\.descriptor))
        let ended = handles.filter { ready.contains($0.value.descriptor) }.map(\.key)
        for session in ended { forget(session) }
        return ended
    }
}
