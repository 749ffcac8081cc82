internal import ControlAPI
internal import Core
internal import Delivery
internal import Linux
internal import Store

// Callbacks that are sent again because somebody wants it: with the id, the bytes and the number that they have.
extension Agent {
    /// Has a slice of those that are meant sent again, the oldest first, as long as there is room for what waits.
    func redeliver(
        _ meant: Redelivery, by actor: String,
        _ answer: @escaping @Sendable (Result<RedeliveryView, ControlError>) -> Void
    ) {
        let room = plan.webhooks.map(\.id).filter { meant.filter.webhook ?? $0 == $0 }.map(delivery.room).min() ?? 0
        guard room > 0 || plan.webhooks.isEmpty else {
            return answer(
                .failure(
                    .conflict(
                        problem: "As many callbacks wait as are kept.",
                        advice: "Wait until some are accepted, and ask again: what is done is done.")))
        }
        renewals.append { [self] result in
            switch result {
            case .failure(let error): answer(.failure(ControlError(error)))
            case .success(let renewed):
                if let last = renewed.callbacks.last {
                    note(
                        actor, "callback.redeliver", meant.id.map { "callback \($0)" } ?? "callbacks", before: "",
                        after: "\(renewed.callbacks.count), up to \(last.callback.id)")
                }
                answer(.success(RedeliveryView(redelivered: renewed.callbacks.count, next: renewed.next)))
            }
        }
        committer.submit(meant, limit: room, now: .now())
    }
}
