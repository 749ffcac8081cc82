internal import Core
internal import Glibc

/// Whether there is a udevd to hear, and whether it gets on with its work.
struct UdevDaemon: Hashable {
    enum Control: Hashable { case missing, notASocket, socket }

    /// udevd gives up on an event after 180 s (`event_timeout` in udev.conf): nothing takes longer in order.
    static let longestWork = Duration.seconds(180)

    var choice: HotplugChoice
    var control: Control
    /// Since when udevd has had events to work on without a pause; nil when it has none.
    var workingFor: Duration?

    var diagnosis: Diagnosis {
        switch control {
        case .missing:
            .obstacle(
                .udevd, "/run/udev/control is missing: no udevd runs, or /run/udev is not visible here", choice: choice,
                mend: "systemctl start systemd-udevd; into a container mount /run/udev, read-only")
        case .notASocket:
            .obstacle(
                .udevd, "/run/udev/control is no socket: something else has made it", choice: choice,
                mend: "rm /run/udev/control && systemctl restart systemd-udevd-control.socket systemd-udevd")
        case .socket:
            if let workingFor, workingFor > Self.longestWork {
                .warning(
                    .udevd, "udevd has had work for \(workingFor.components.seconds) s without a pause",
                    mend: "journalctl -u systemd-udevd, then systemctl restart systemd-udevd")
            } else {
                .ok(.udevd, "udevd's socket is there")
            }
        }
    }
}

extension UdevDaemon {
    init(choice: HotplugChoice, directory: String = "/run/udev") {
        self.choice = choice
        var status = stat()
        control = .missing
        if stat(directory + "/control", &status) == 0 {
            control = status.st_mode & S_IFMT == S_IFSOCK ? .socket : .notASocket
        }
        // udevd makes the file with its first event and takes it away with its last (udev's `on_post`).
        if stat(directory + "/queue", &status) == 0 {
            workingFor = .seconds(max(time(nil) - status.st_mtim.tv_sec, 0))
        }
    }
}

extension Diagnosis {
    /// What keeps udevd's messages away: `auto` has another way, slower and without what udevd's rules add.
    static func obstacle(_ check: Check, _ found: String, choice: HotplugChoice, mend: String) -> Diagnosis {
        switch choice {
        case .auto:
            warning(check, found + "; the kernel is heard instead, and sysfs read every 2 s", mend: mend)
        case .udev, .libusb:
            problem(check, found + "; \"hotplug\": \"\(choice.rawValue)\" hears nothing so", mend: mend)
        }
    }
}
