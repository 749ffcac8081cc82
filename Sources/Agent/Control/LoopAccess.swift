internal import Linux

/// The way of other threads to the agent's loop: each question is answered there, in order.
final class LoopAccess: Sendable {
    typealias Question = @Sendable (Agent) -> Void

    private let questions: Mailbox<Question>

    init() throws(SystemError) { questions = try Mailbox() }

    var descriptor: Int32 { questions.descriptor }

    /// Returns what the loop answers.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (Agent) -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            questions.send { continuation.resume(returning: question($0)) }
        }
    }

    /// The same for what takes the loop more than one turn: it is given a function that is called with the answer, once.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Agent, @escaping @Sendable (Answer) -> Void) -> Void
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            questions.send { agent in question(agent) { continuation.resume(returning: $0) } }
        }
    }

    /// Tells the loop something that it did not ask for.
    func tell(_ fact: @escaping Question) { questions.send(fact) }

    /// On the loop: answers what has come.
    func answer(for agent: Agent) {
        for question in questions.receive() { question(agent) }
    }
}
