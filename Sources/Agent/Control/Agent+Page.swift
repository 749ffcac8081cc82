internal import ControlAPI
internal import Core
internal import Store

// Who is signed in to the page, as it is remembered and written down.
extension Agent {
    func signedIn(
        _ session: PageSession, insteadOf ended: [PageSession], by actor: String
    ) -> Result<Void, ControlError> {
        ledger.add { changes in
            for session in ended { changes.end(session) }
            changes.keep(session)
        }
        let words = Permission.allCases.filter(session.permissions.contains).map(\.rawValue)
        note(
            actor, "page.signIn", "page", before: "", after: "\(words.joined(separator: ",")) until \(session.ends)")
        return .success(())
    }

    func signedOut(_ session: PageSession, by actor: String) -> Result<Void, ControlError> {
        ledger.add { $0.end(session) }
        note(actor, "page.signOut", "page", before: "", after: "")
        return .success(())
    }
}
