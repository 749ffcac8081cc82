internal import Glibc

/// The groups whose members may ask and tell the agent.
struct AgentGroups: Hashable {
    static let names = ["plughook-view", "plughook-admin"]

    /// Those of the two that the host knows.
    var existing: Set<String>
    /// Those that this process is in.
    var joined: Set<String>
    var isRoot: Bool

    var diagnosis: Diagnosis {
        let missing = Self.names.filter { !existing.contains($0) }
        guard missing.isEmpty else {
            return .warning(
                .groups, "without \(missing.joined(separator: " and ")) only root may use what they would allow",
                mend: missing.map { "groupadd --system \($0)" }.joined(separator: " && "))
        }
        let mine = Self.names.filter(joined.contains)
        if isRoot { return .ok(.groups, "both are there; this user is root, who may do everything") }
        return .ok(
            .groups,
            mine.isEmpty
                ? "both are there; this user is in neither and may not ask the agent"
                : "both are there; this user is in \(mine.joined(separator: " and "))")
    }
}

extension AgentGroups {
    init() {
        existing = []
        joined = []
        isRoot = geteuid() == 0
        var mine = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        mine.removeLast(mine.count - Int(max(getgroups(Int32(mine.count), &mine), 0)))
        mine.append(getegid())
        for name in Self.names {
            // Not safe from several threads; there are none when this is asked.
            guard let group = getgrnam(name) else { continue }
            existing.insert(name)
            if mine.contains(group.pointee.gr_gid) { joined.insert(name) }
        }
    }
}
