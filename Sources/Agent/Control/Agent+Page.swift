internal import ControlAPI
internal import Core
internal import Delivery
internal import PlughookConfiguration
internal import Store

// What the page alone needs: who is signed in, as it is remembered and written down, and secrets that nobody has made yet.
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

    /// The file is made on the keeper's thread.
    func createSecret(
        _ json: [UInt8], by actor: String,
        _ answer: @escaping @Sendable (Result<NewSecretView, ControlError>) -> Void
    ) {
        let order: SecretOrder
        do {
            order = try SecretOrder(json: json)
        } catch {
            return answer(.failure(.invalid(error.faults.map(FaultView.init))))
        }
        keeper.perform { [loop = control.loop, configurationFile] in
            let secret = StandardWebhooks.newSecret()
            do throws(ConfigurationEditError) {
                guard try SecretFile.create(order, secret: secret, beside: configurationFile) else {
                    return answer(
                        .failure(
                            .conflict(
                                problem: "There is a file \(order.name) already.",
                                advice: "Choose another name, or use that secret.")))
                }
                loop.tell { agent in
                    agent.note(actor, "secret.create", "file \(order.name)", before: "", after: "")
                    answer(.success(NewSecretView(name: order.name, secret: secret)))
                }
            } catch {
                answer(.failure(.unavailable(problem: "The secret was not written.", advice: "\(error)")))
            }
        }
    }
}
