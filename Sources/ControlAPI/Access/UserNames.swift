internal import Core
internal import NIOPosix

/// Looks up who a uid is, on a thread of its own: a host may ask a directory service, which blocks.
struct UserNames: Sendable {
    let pool: NIOThreadPool
    let lookUp: @Sendable (UInt32) -> String?

    func name(of uid: UInt32) async -> String? {
        let lookUp = lookUp
        do { return try await pool.runIfActive { lookUp(uid) } } catch { return nil }
    }

    /// As the audit trail has it: `uid 1000 (anna)`, `token ci`.
    func actor(_ caller: Caller) async -> String {
        switch caller.identity {
        case .user(let uid): await actor(uid)
        case .page(let session): await actor(session.uid)
        case .token(let name): "token \(name)"
        case .nobody: "nobody"
        }
    }

    private func actor(_ uid: UInt32) async -> String {
        await name(of: uid).map { "uid \(uid) (\($0))" } ?? "uid \(uid)"
    }
}
