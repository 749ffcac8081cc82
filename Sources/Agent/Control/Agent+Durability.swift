internal import ControlAPI

// Who asks for a change that is to outlive the agent is answered when it is on disk.
extension Agent {
    /// Answers once all that was decided until now is on disk, or when the disk has refused it; a failure at once.
    func answerOnceOnDisk<Answer>(
        _ result: Result<Answer, ControlError>, _ answer: @escaping @Sendable (Result<Answer, ControlError>) -> Void
    ) {
        guard case .success = result, !ledger.isSettled else { return answer(result) }
        waiting.append((ledger.openBatch, { refusal in answer(refusal.map { .failure($0) } ?? result) }))
    }

    /// After each commit.
    func answerWhoWaited() {
        guard !waiting.isEmpty else { return }
        let isOnDisk = waiting.map { ledger.isOnDisk($0.batch) }
        let answers = zip(waiting, isOnDisk).filter(\.1).map(\.0.answer)
        waiting = zip(waiting, isOnDisk).filter { !$0.1 }.map(\.0)
        for answer in answers { answer(nil) }
    }

    /// What they asked for is in force, and goes to the disk when that takes it again.
    func refuseWhoWaited(because reason: String) {
        let answers = waiting.map(\.answer)
        waiting = []
        for answer in answers {
            answer(
                .unavailable(
                    problem: "It is in force, and not on disk: \(reason).",
                    advice: "Until it is, a restart forgets it; plughook status says what is wrong."))
        }
    }
}
