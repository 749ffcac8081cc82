internal import Glibc

/// The owner of a file descriptor: closes it when it goes.
package struct OwnedDescriptor: ~Copyable {
    /// Valid as long as the owner lives.
    package let raw: Int32

    /// Takes over a descriptor that a call has returned, or throws what the call left in `errno`.
    package init(_ raw: Int32, from call: String) throws(SystemError) {
        guard raw >= 0 else { throw SystemError(call) }
        self.raw = raw
    }

    deinit { close(raw) }
}
