internal import Glibc
internal import Synchronization

/// Places where a kill test can have the process die. In a release build they do nothing.
package enum Failpoint {
    /// Kills the process with SIGKILL at the Nth pass, when `PLUGHOOK_FAILPOINT` is `NAME:N`, or `NAME` for the first.
    ///
    /// The variable is read once, at the first pass of any failpoint. From any thread.
    package static func pass(_ name: StaticString) {
        #if FAILPOINTS
            guard let armed, armed.name == name.description else { return }
            if passes.add(1, ordering: .relaxed).newValue == armed.count { kill(getpid(), SIGKILL) }
        #endif
    }

    #if FAILPOINTS
        private static let passes = Atomic(0)

        private static let armed: (name: String, count: Int)? = {
            guard let value = getenv("PLUGHOOK_FAILPOINT") else { return nil }
            let parts = String(cString: value).split(separator: ":", maxSplits: 1)
            guard let name = parts.first else { return nil }
            return (String(name), parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        }()
    #endif
}
