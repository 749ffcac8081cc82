internal import Glibc

/// Who starts the agent at boot, and again after its death.
struct Supervisor: Hashable {
    enum Sight: Hashable {
        /// systemd is in charge; `unit` is the file of the service, nil where there is none.
        case systemd(unit: String?, isEnabled: Bool)
        /// What runs here is started from outside.
        case container
        case other
    }

    static let unit = "plughook.service"
    /// In the order in which systemd prefers them (systemd.unit(5)).
    static let directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { $0 + "/systemd/system" }

    var sight: Sight

    var diagnosis: Diagnosis {
        switch sight {
        case .systemd(let unit?, true): .ok(.service, "\(unit) is there, and starts at boot")
        case .systemd(let unit?, false):
            .warning(
                .service, "\(unit) is there, but does not start at boot",
                mend: "systemctl enable --now \(Self.unit)")
        case .systemd(nil, _):
            .warning(
                .service, "\(Self.unit) is not installed: nobody starts the agent at boot, or again after its death",
                mend: "install the package, or as root: packaging/install")
        case .container:
            .skipped(.service, "this is a container without systemd: whoever runs it starts the agent again")
        case .other:
            .warning(
                .service, "no systemd runs here: nobody starts the agent at boot, or again after its death",
                mend: "let this host's own supervisor run it; packaging/examples/runit shows how")
        }
    }
}

extension Supervisor {
    /// `root` is where the host's file system begins.
    init(root: String = "") {
        if exists(root + "/run/systemd/system") {
            let unit = Self.directories.map { "\($0)/\(Self.unit)" }.first { exists(root + $0) }
            let wanted = "\(root)/etc/systemd/system/multi-user.target.wants/\(Self.unit)"
            sight = .systemd(unit: unit, isEnabled: exists(wanted))
        } else {
            // Of podman, of Docker, and of whoever keeps to systemd's container interface.
            let marks = ["/run/.containerenv", "/.dockerenv", "/run/systemd/container"]
            sight = marks.contains { exists(root + $0) } ? .container : .other
        }
    }
}

/// A link is there also when it leads to nowhere seen from here.
private func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
}
