internal import Hotplug
internal import Linux

/// How many of the kernel's messages wait for an agent that is busy, before the kernel drops them.
struct ReceiveBuffer: Hashable {
    /// A message of a USB device takes about 2 KiB of it: room for a hundred, a full rack that is switched on. The
    /// kernel's own default (`rmem_max` 212992) gives 416 KiB. What does not fit costs a look at sysfs, not an event.
    static let least = 256 << 10

    /// What a listener of this user got, by the kernel's accounting, or why it got none.
    var opened: Result<Int, SystemError>
    /// `net.core.rmem_max`; nil where it is hidden, as outside of the host's network namespace.
    var limit: Int?

    var diagnosis: Diagnosis {
        switch opened {
        case .failure(let error):
            return .problem(
                .receiveBuffer, "the kernel's messages cannot be heard (\(error))",
                mend: "let the sandbox allow AF_NETLINK: RestrictAddressFamilies=AF_NETLINK AF_UNIX AF_INET AF_INET6")
        case .success(let bytes):
            // The kernel keeps twice the limit, for its own accounting (socket(7), SO_RCVBUF).
            let without = limit.map { $0 * 2 }
            let bound = without.map { $0 < bytes ? ", \($0.bytesText) without CAP_NET_ADMIN" : "" } ?? ""
            let found = "the kernel keeps \(bytes.bytesText) of messages for this user\(bound)"
            guard min(bytes, without ?? bytes) < Self.least else { return .ok(.receiveBuffer, found) }
            return .warning(
                .receiveBuffer, found + ": a burst may not fit, and is then read from sysfs",
                mend: "sysctl -w net.core.rmem_max=4194304, and keep it in /etc/sysctl.d/60-plughook.conf")
        }
    }
}

extension ReceiveBuffer {
    init() {
        do throws(SystemError) {
            opened = .success(try HostSurvey.receiveBuffer())
        } catch {
            opened = .failure(error)
        }
        limit = SmallFile.text("/proc/sys/net/core/rmem_max").flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
