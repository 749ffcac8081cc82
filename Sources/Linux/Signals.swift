internal import CLinux
internal import Glibc

/// Signals as something to read: blocked for the process and taken from a descriptor.
///
/// To be made before any other thread is started, which would otherwise still be interrupted by them.
package struct Signals: ~Copyable {
    private let handle: OwnedDescriptor

    package init(_ numbers: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        handle = try OwnedDescriptor(
            signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK)), from: "signalfd")
    }

    package var descriptor: Int32 { handle.raw }

    /// The signals that have come, in order; does not wait.
    package func received() -> [Int32] {
        var numbers: [Int32] = []
        var info = signalfd_siginfo()
        while read(handle.raw, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            numbers.append(Int32(info.ssi_signo))
        }
        return numbers
    }

    /// A write to a receiver that is gone is an error to handle, not a reason to die.
    package static func ignoreBrokenPipe() {
        signal(SIGPIPE, SIG_IGN)
    }
}
