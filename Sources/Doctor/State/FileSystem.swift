internal import Glibc

/// Whether SQLite's write-ahead log can be kept on a file system.
///
/// The log's index is memory that is shared between processes, which file systems over a network do not offer
/// (sqlite.org/wal.html); and what is gone after a boot cannot say what was reported before.
struct FileSystem: Hashable {
    /// Where it is mounted, its type as the kernel spells it, and for FUSE the subtype (`fuse.sshfs`).
    struct Mount: Hashable {
        var point: String
        var type: String
    }

    private static let remote: Set = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gfs2", "ocfs2", "coda", "ncpfs",
        "vboxsf", "glusterfs", "orangefs", "gpfs",
    ]
    private static let remoteFUSE: Set = [
        "sshfs", "rclone", "s3fs", "gcsfuse", "goofys", "glusterfs", "davfs", "curlftpfs", "mergerfs", "ceph",
        "ceph-fuse",
    ]
    private static let passing: Set = ["tmpfs", "ramfs", "overlay", "aufs"]

    var path: String
    /// Nil when nothing tells.
    var mount: Mount?

    var diagnosis: Diagnosis {
        guard let mount else {
            return .skipped(.stateFileSystem, "/proc/self/mountinfo does not tell what \(path) is on")
        }
        let found = "\(path) is on \(mount.type), mounted at \(mount.point)"
        let mend = "name a \"stateDirectory\" on a local disk (ext4, xfs, btrfs)"
        let parts = mount.type.split(separator: ".", maxSplits: 1).map(String.init)
        if Self.remote.contains(mount.type) || parts.count == 2 && Self.remoteFUSE.contains(parts[1]) {
            return .problem(.stateFileSystem, found + ": it cannot hold a write-ahead log safely", mend: mend)
        }
        if ["fuse", "fuseblk"].contains(parts.first) || mount.type == "virtiofs" {
            return .warning(
                .stateFileSystem, found + ": whether it can hold a write-ahead log depends on its program", mend: mend)
        }
        if Self.passing.contains(mount.type) {
            return .warning(
                .stateFileSystem, found + ": it may be gone after a boot, and what waits to be sent with it", mend: mend
            )
        }
        return .ok(.stateFileSystem, found)
    }
}

extension FileSystem {
    /// Of something that is there.
    init(path: String) {
        self.path = path
        guard let real = realpath(path, nil) else { return }
        defer { free(real) }
        let text = SmallFile.text("/proc/self/mountinfo")
        mount = text.flatMap { Mount(of: String(cString: real), mountinfo: $0) }
    }
}

extension FileSystem.Mount {
    /// The mount that a path without symbolic links is on, by the table of proc_pid_mountinfo(5): the longest mount point
    /// above it, and of several at one point the last, which hides the others. Nil when none fits.
    init?(of path: String, mountinfo: String) {
        var best: Self?
        for line in mountinfo.split(separator: "\n") {
            let fields = line.split(separator: " ")
            // Optional fields lie between the sixth and the dash.
            guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 1 < fields.endIndex else {
                continue
            }
            let point = String(fields[4]).withoutOctalEscapes
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            guard isAbove, point.utf8.count >= best?.point.utf8.count ?? 0 else { continue }
            best = Self(point: point, type: String(fields[dash + 1]))
        }
        guard let best else { return nil }
        self = best
    }
}

extension String {
    /// The kernel writes a space, a tab, a line end and a backslash as `\040` and so on.
    fileprivate var withoutOctalEscapes: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(Substring(digits)), radix: 8) {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
