import ControlAPI
import Core

// What the page alone asks.
extension InMemoryAgent {
    func matches(json: [UInt8]) async throws(ControlError) -> MatchView {
        _ = try state()
        change { $0.lastBody = json }
        return MatchView(events: [], devices: [], others: 4)
    }

    func preview(
        json: [UInt8], event: Status, device: UDID?, by editor: WebhookEditor
    ) async throws(ControlError) -> PreviewView {
        _ = try state()
        let words = [String(decoding: json, as: UTF8.self), event.rawValue, device?.description ?? "-", editor.actor]
        return PreviewView(headers: [], body: words.joined(separator: " "))
    }

    func signedIn(_ session: PageSession, insteadOf ended: [PageSession], by actor: String) async {
        change { state in
            state.pageSessions.removeAll { ended.contains($0) }
            state.pageSessions.append(session)
        }
        record("sign in", by: actor)
    }

    func signedOut(_ session: PageSession, by actor: String) async {
        change { state in state.pageSessions.removeAll { $0 == session } }
        record("sign out", by: actor)
    }

    func createSecret(json: [UInt8], by actor: String) async throws(ControlError) -> NewSecretView {
        _ = try state()
        record("secret", by: actor)
        return NewSecretView(name: String(decoding: json, as: UTF8.self), secret: "whsec_x")
    }
}
