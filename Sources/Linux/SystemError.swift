internal import Glibc

/// A system call that failed: which, and the kernel's word for why.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    /// Captures `errno`; to be made in the statement that saw the failure.
    package init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
