internal import Core
internal import Linux

/// Who may do what on the Unix socket: decided by who connected, not by the rights of the file.
struct Access: Hashable, Sendable {
    /// Nil where this host has no such group.
    var adminGroup: UInt32?
    var viewGroup: UInt32?
    /// The user whom the agent runs as.
    var agentUser: UInt32

    /// Root and `plughook-admin` may do all, `plughook-view` may look and hold sessions; nobody else may do anything.
    ///
    /// The agent's own user is not among them: a service that was broken into must not change its own webhooks. On a host
    /// that has neither group nothing is installed, and who runs the agent by hand, as himself, may do all.
    func caller(_ peer: PeerCredentials) -> Caller {
        // 0: a process of another pid namespace.
        Caller(identity: .user(uid: peer.uid), pid: peer.pid > 0 ? peer.pid : nil, permissions: permissions(of: peer))
    }

    private func permissions(of peer: PeerCredentials) -> Set<Permission> {
        let isMember = { (group: UInt32?) in group.map { peer.gid == $0 || peer.groups.contains($0) } ?? false }
        let isByHand = adminGroup == nil && viewGroup == nil && peer.uid == agentUser
        if peer.uid == 0 || isMember(adminGroup) || isByHand { return Set(Permission.allCases) }
        return isMember(viewGroup) ? [.deviceView, .sessionManage] : []
    }

    /// What one who was refused can do about it.
    func advice(for group: AccessGroup, userName: String?) -> String {
        let exists = group == .admin ? adminGroup != nil : viewGroup != nil
        let add = "usermod -aG \(group.rawValue) \(userName ?? "NAME")"
        guard exists else {
            return "This host has no group \(group.rawValue) yet. Ask an administrator to create it and add you: "
                + "groupadd --system \(group.rawValue) && \(add); then restart the agent and log in again."
        }
        return "Ask an administrator to add you to the group \(group.rawValue): \(add); then log in again."
    }
}
