internal import Glibc
internal import Linux

/// The sensor cannot be made: the system is out of descriptors, inotify instances or memory.
package struct USBMuxSensorError: Error, Hashable, CustomStringConvertible {
    private let failure: SystemError

    init(_ failure: SystemError) { self.failure = failure }

    package var description: String {
        "usbmuxd cannot be watched: \(failure); raise the limit of open files or fs.inotify.max_user_instances"
    }
}

extension SystemError {
    /// The socket, or a directory on its way, does not exist.
    var isAbsence: Bool { [ENOENT, ENOTDIR].contains(code) }

    /// Nobody listens (yet, or any more), or too many wait.
    var isRefusal: Bool { [ECONNREFUSED, EAGAIN, EINTR].contains(code) }
}
