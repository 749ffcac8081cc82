internal import Glibc

/// A value that one thread at a time may touch.
///
/// A POSIX mutex and not `Synchronization.Mutex`: that one, when contended, is handed over by the kernel
/// (`FUTEX_LOCK_PI`), which the thread sanitizer does not see, so that it reports all that the lock protects.
/// Not recursive; for short work only, as whoever comes second waits.
///
/// Unchecked, because the compiler does not see that `value` is touched between lock and unlock alone.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init: \(code)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
