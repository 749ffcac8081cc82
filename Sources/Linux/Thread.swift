internal import CLinux
internal import Glibc

/// A thread of our own for what blocks (the disk, sysfs), away from Swift's cooperative pool.
package struct Thread: ~Copyable {
    private let handle: pthread_t

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts it; `name` (up to 15 bytes) is what `top -H` and a debugger show. All signals are blocked in it.
    ///
    /// A nicer one (up to 19), and every thread that it starts, yields the processor to those that a callback waits for.
    package init(
        name: String, niceness: Int32 = 0, _ run: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(
            Body {
                // Of the calling thread alone, and inherited by its own (`sched(7)`, "The nice value").
                if niceness > 0 { setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness) }
                run()
            })
        // The new thread takes over the reference that was retained for it.
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw SystemError("pthread_create", code: code)
        }
        handle = thread
        pthread_setname_np(thread, String(name.prefix(15)))
    }

    /// Lets others go first that could run on the same processor, whoever they are: for when what comes next can wait.
    package static func yield() { sched_yield() }

    /// Waits until it has returned; tell it to, first.
    package consuming func join() {
        pthread_join(handle, nil)
    }
}
