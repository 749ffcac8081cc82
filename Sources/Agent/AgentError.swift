internal import Delivery
internal import Glibc
internal import Hotplug
internal import Linux
internal import Store

/// Why the agent could not start, or could not go on.
package struct AgentError: Error, CustomStringConvertible {
    /// What was tried, on what, and what to do.
    package let description: String
    /// From `sysexits.h`.
    package let exitCode: Int32

    init(_ error: any Error) {
        description = "\(error)"
        exitCode = (error as? StoreError)?.exitCode ?? EX_OSERR
    }
}
