internal import CLinux
internal import Glibc

/// A process that was there when this was made, whatever its number stands for later (`pidfd_open(2)`).
package final class ProcessHandle {
    private let handle: OwnedDescriptor
    package let pid: Int32
    /// When it was started, in clock ticks since the boot: with its number it is told from all others of this boot.
    package let startTime: UInt64

    /// Throws ESRCH when there is no such process (any more), and what hides it from this one otherwise.
    package init(pid: Int32) throws(SystemError) {
        handle = try OwnedDescriptor(pidfd_open(pid, 0), from: "pidfd_open")
        startTime = try Self.startTime(of: pid)
        self.pid = pid
        // Still the one that the handle was made for: otherwise the number may have been another's just now.
        if Self.isReadable(handle.raw) { throw SystemError("pidfd_open", code: ESRCH) }
    }

    /// Readable once the process has ended, be it a zombie still.
    package var descriptor: Int32 { handle.raw }

    private static func isReadable(_ descriptor: Int32) -> Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Field 22 of `/proc/PID/stat` (`proc(5)`), counted from behind the name, which may hold anything.
    private static func startTime(of pid: Int32) throws(SystemError) -> UInt64 {
        let path = "/proc/\(pid)/stat"
        let file = try OwnedDescriptor(open(path, O_RDONLY | O_CLOEXEC), from: "open \(path)")
        var length = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, filled in
            length = read(file.raw, buffer.baseAddress, 1024)
            filled = max(length, 0)
        }
        guard length >= 0 else { throw SystemError("read \(path)") }
        let fields = bytes.lastIndex(of: UInt8(ascii: ")")).map {
            bytes[($0 + 1)...].split(separator: UInt8(ascii: " "))
        }
        guard let fields, fields.count > 19, let time = UInt64(String(decoding: fields[19], as: UTF8.self)) else {
            throw SystemError("read \(path)", code: EINVAL)
        }
        return time
    }
}
