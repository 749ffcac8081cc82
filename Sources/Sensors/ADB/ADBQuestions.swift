internal import Core
internal import Linux

/// Asks the usable phones of one list what they are, each over a connection of its own that nobody waits for.
final class ADBQuestions {
    private struct Asked {
        let socket: ADBSocket
        let entry: ADBEntry
        var question: ADBQuestion
    }

    /// Questions without a proper answer, since the start.
    private(set) var unanswered = 0
    /// An answer came, or did not, and that is not told yet.
    var isNews = false

    private let epoll: Epoll
    private var inquiries: ADBInquiries
    private var asked: [Int32: Asked] = [:]
    private var entries: [ADBEntry] = []

    init(requireBootCompleted: Bool, liveness: Duration?) throws(SystemError) {
        epoll = try Epoll()
        inquiries = ADBInquiries(requireBootCompleted: requireBootCompleted, liveness: liveness)
    }

    var descriptor: Int32 { epoll.descriptor }

    var nextDeadline: MonotonicTime? {
        (asked.values.map(\.question.deadline) + [inquiries.nextDeadline].compactMap(\.self)).min()
    }

    func verdict(of entry: ADBEntry) -> Verdict { inquiries.verdict(of: entry) }
    func facts(of entry: ADBEntry) -> PhoneFacts? { inquiries.facts(of: entry) }

    /// A whole list came; the questions to who is not in it are given up.
    func listed(_ list: [ADBEntry], at now: MonotonicTime) {
        entries = list
        inquiries.listed(list, at: now)
        asked = asked.filter { inquiries.isAwaited($0.value.entry) }
    }

    /// These, and no others, are not asked whether they still answer. What is under way goes on.
    func leaveAlone(_ phones: Set<SensedPhone.Identity>) { inquiries.leaveAlone(phones) }

    /// The server is lost: all is given up, and its phones are strangers when it is back.
    func serverLost() {
        entries = []
        inquiries.forgetAll()
        asked = [:]
    }

    /// Takes what has come, and asks who is to be asked, at `server`.
    func process(at server: ADBServerAddress.Candidate, now: MonotonicTime) {
        // Nothing is opened before all of these are dealt with: what is told here is about the sockets that are there. A
        // failure of epoll leaves nothing to be had from them; their deadlines still end them.
        for ready in (try? epoll.wait(timeout: .zero)) ?? [] { proceed(ready.descriptor, at: now) }
        for (descriptor, asked) in asked where asked.question.deadline <= now {
            act(on: descriptor, at: now) { $0.timePassed(now) }
        }
        while let entry = inquiries.next(at: now, of: entries) { ask(entry, at: server, now: now) }
    }

    private func ask(_ entry: ADBEntry, at server: ADBServerAddress.Candidate, now: MonotonicTime) {
        do throws(SystemError) {
            let socket = try ADBSocket(to: server)
            try epoll.watch(socket.descriptor, for: .writable)
            asked[socket.descriptor] = Asked(socket: socket, entry: entry, question: ADBQuestion(entry, at: now))
        } catch {
            failed(entry, .notReached, at: now)
        }
    }

    private func proceed(_ descriptor: Int32, at now: MonotonicTime) {
        guard let socket = asked[descriptor]?.socket else { return }
        guard socket.isConnected else {
            do throws(SystemError) {
                try socket.finishConnecting()
                try epoll.watch(descriptor, for: .readable)
                act(on: descriptor, at: now) { $0.connected() }
            } catch {
                act(on: descriptor, at: now) { $0.ended() }
            }
            return
        }
        switch socket.receive() {
        case .bytes(let bytes): act(on: descriptor, at: now) { $0.received(bytes) }
        case .nothing: break
        case .end: act(on: descriptor, at: now) { $0.ended() }
        }
    }

    /// Gives a question an input, and does what it wants.
    private func act(
        on descriptor: Int32, at now: MonotonicTime, _ input: (inout ADBQuestion) -> ADBQuestion.Action
    ) {
        guard var current = asked[descriptor] else { return }
        let action = input(&current.question)
        asked[descriptor] = current
        switch action {
        case .none: return
        case .send(let bytes):
            do throws(SystemError) {
                try current.socket.send(bytes)
            } catch {
                act(on: descriptor, at: now) { $0.ended() }
            }
        case .answered(let output):
            // Which closes the connection, and takes it from the epoll.
            asked[descriptor] = nil
            guard let properties = ADBProperties(output: output) else {
                return failed(current.entry, .refusal, at: now)
            }
            inquiries.answered(current.entry, properties, at: now)
            isNews = true
        case .failed(let failure):
            asked[descriptor] = nil
            failed(current.entry, failure, at: now)
        }
    }

    private func failed(_ entry: ADBEntry, _ failure: ADBQuestion.Failure, at now: MonotonicTime) {
        unanswered += 1
        inquiries.failed(entry, failure, at: now)
        isNews = true
    }
}
