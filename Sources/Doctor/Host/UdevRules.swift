internal import Glibc

/// Whether the rules are installed that name the phones' ports and keep neighbours off them.
struct UdevRules: Hashable {
    enum Place: Hashable {
        case none
        case file(String)
        /// A link to `/dev/null` takes the file of this name out of the directories behind.
        case masked(String)
    }

    static let name = "60-plughook.rules"
    /// In the order in which udevd prefers them (udev(7)).
    static let directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { $0 + "/udev/rules.d" }

    var place: Place

    var diagnosis: Diagnosis {
        switch place {
        case .file(let path): .ok(.udevRules, "\(path) is there")
        case .masked(let path):
            .warning(
                .udevRules, "\(path) leads to /dev/null: the rules are switched off",
                mend: "rm \(path.shellWord) && udevadm control --reload")
        case .none:
            .warning(
                .udevRules, "\(Self.name) is not installed: some phones' ports have no name to bind them to",
                mend: "install -m 644 udev-rules/\(Self.name) /etc/udev/rules.d/ && udevadm control --reload")
        }
    }
}

extension UdevRules {
    init(directories: [String] = Self.directories) {
        let paths = directories.map { "\($0)/\(Self.name)" }
        guard let path = paths.first(where: { access($0, F_OK) == 0 }) else {
            place = .none
            return
        }
        var status = stat()
        let isFile = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        place = isFile ? .file(path) : .masked(path)
    }
}
