internal import Core
internal import Delivery
internal import FoundationEssentials
internal import Glibc

/// Decides on each request, and shows it. For the receiver's one thread.
final class Reception {
    private var answers: AnswerPlan
    private let encoder: JSONEncoder?
    private var seen = SeenCallbacks()

    /// Signatures are looked at with it; nil: they are not.
    private let key: SigningKey?

    init(answers: AnswerPlan, isJSON: Bool, key: SigningKey?) {
        self.answers = answers
        self.key = key
        encoder = isJSON ? JSONLine.encoder() : nil
    }

    var delayMilliseconds: Int { answers.delayMilliseconds }

    /// Shows the request together with the answer that it is to get.
    func receive(_ request: ReceivedRequest) -> AnswerPlan.Answer {
        let signature = key.map { key in
            StandardWebhooks.verdict(on: request.body, by: key, now: Self.now) { request.headers[$0] }
        }
        let isRefused = signature.map { $0 != .good } ?? false
        let answer = request.isTooLong ? .status(413) : isRefused ? .status(401) : answers.takeNext()
        let times = request.headers["webhook-id"].map { seen.count($0) } ?? 1
        if let encoder {
            // A line of strings and numbers always encodes.
            if let line = try? JSONLine(request, answer: answer, signature: signature).text(by: encoder) { show(line) }
        } else {
            show(HumanLine(request, answer: answer, timesSeen: times, signature: signature).text)
        }
        return answer
    }

    private static var now: WallTime { WallTime(milliseconds: Int64(time(nil)) * 1000) }

    /// One write for each line, so that who reads it has it at once. When nobody reads any more, the receiver ends.
    private func show(_ line: String) {
        var bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        while !bytes.isEmpty {
            let count = write(STDOUT_FILENO, bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                kill(getpid(), SIGTERM)
                return
            }
            bytes.removeFirst(count)
        }
    }
}

/// How often each `webhook-id` has come. Remembers the last 10,000 at least, and never more than twice as many.
private struct SeenCallbacks {
    private var recent: [String: Int] = [:]
    private var older: [String: Int] = [:]

    mutating func count(_ id: String) -> Int {
        let times = (recent[id] ?? older[id] ?? 0) + 1
        recent[id] = times
        if recent.count >= 10_000 { (older, recent) = (recent, [:]) }
        return times
    }
}
