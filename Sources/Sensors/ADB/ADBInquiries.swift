internal import Core

/// Which phones are to be asked for their properties, and when; and what they have answered.
///
/// Each is asked once when it appears in state `device`, and again when it comes back to it. With `liveness`, it is also
/// asked again so long after each answer: a phone that has died is listed as `device` for as long as its cable is in. One
/// that does not answer never delays the others: it waits behind them, and those like it have two of the four places.
struct ADBInquiries {
    /// How many are asked at once.
    static let places = 4
    static let placesForSilent = 2
    /// Attempts at one that is asked only for what it is called.
    static let mostAttempts = 3
    /// Between two looks at a phone that boots, or that did not answer.
    static let delays: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(5)]

    /// In a row, of one that is asked whether it still answers: the first may be a busy phone's.
    static let silencesUntilOffline = 2

    private struct Inquiry {
        let identity: SensedPhone.Identity
        var isUsable = false
        /// Nil when nothing is to be asked.
        var due: MonotonicTime?
        var isUnderWay = false
        /// Since it appeared, came back, or told all that is asked.
        var attempts = 0
        var isSilent = false
        /// Questions in a row that it was asked and did not answer; only counted with `liveness`.
        var silences = 0
        /// All that is left to ask is whether it still answers.
        var isProbe = false
        var facts: PhoneFacts?
        var isBooted: Bool?
    }

    /// One phone on one cable; the same entry comes with other states.
    private struct Appearance: Hashable {
        let serial: [UInt8]
        let port: PortPath?
        let transport: UInt64?

        init(_ entry: ADBEntry) {
            serial = entry.serial
            port = entry.port
            transport = entry.transport
        }
    }

    private let requireBootCompleted: Bool
    private let liveness: Duration?
    private var inquiries: [Appearance: Inquiry] = [:]
    private var leftAlone: Set<SensedPhone.Identity> = []

    /// `liveness`, from an answer to the next question, is longer than a question may take; nil for no such question.
    init(requireBootCompleted: Bool, liveness: Duration?) {
        self.requireBootCompleted = requireBootCompleted
        self.liveness = liveness
    }

    /// When `next` has one; nil when none is to be asked, or none can be before another has ended.
    var nextDeadline: MonotonicTime? {
        let taken = taken
        return inquiries.values.filter { taken.leavesPlace(for: $0) && !isHeldBack($0) }.compactMap(\.due).min()
    }

    /// These, and no others, are not asked whether they still answer; one that was to be asked meanwhile is due once it is
    /// not among them any more. What else is to be asked of them is.
    mutating func leaveAlone(_ phones: Set<SensedPhone.Identity>) { leftAlone = phones }

    /// A whole list came: what is not in it is forgotten.
    mutating func listed(_ entries: [ADBEntry], at now: MonotonicTime) {
        var present: [Appearance: Inquiry] = [:]
        for entry in entries {
            let appearance = Appearance(entry)
            var inquiry = present[appearance] ?? inquiries[appearance] ?? Inquiry(identity: entry.identity)
            let isUsable = entry.state == .device
            if isUsable && !inquiry.isUsable {
                inquiry.due = now
                inquiry.attempts = 0
                inquiry.isSilent = false
                inquiry.silences = 0
                inquiry.isProbe = false
                inquiry.isBooted = nil
            } else if !isUsable {
                inquiry.due = nil
            }
            inquiry.isUsable = isUsable
            present[appearance] = inquiry
        }
        inquiries = present
    }

    /// The server is lost: its phones are strangers when it is back.
    mutating func forgetAll() { inquiries = [:] }

    /// The next one to be asked now; then `answered` or `failed` follows, unless it is gone by then.
    mutating func next(at now: MonotonicTime, of entries: [ADBEntry]) -> ADBEntry? {
        let taken = taken
        // Those that have answered, or were never asked, come first.
        var best: (entry: ADBEntry, isSilent: Bool, due: MonotonicTime)?
        for entry in entries {
            guard let inquiry = inquiries[Appearance(entry)], taken.leavesPlace(for: inquiry), let due = inquiry.due,
                due <= now, !isHeldBack(inquiry)
            else { continue }
            if let best, (best.isSilent ? 1 : 0, best.due) <= (inquiry.isSilent ? 1 : 0, due) { continue }
            best = (entry, inquiry.isSilent, due)
        }
        guard let entry = best?.entry else { return nil }
        inquiries[Appearance(entry)]?.due = nil
        inquiries[Appearance(entry)]?.isUnderWay = true
        inquiries[Appearance(entry)]?.attempts += 1
        return entry
    }

    mutating func answered(_ entry: ADBEntry, _ properties: ADBProperties, at now: MonotonicTime) {
        conclude(entry) { [requireBootCompleted, liveness] inquiry in
            inquiry.isSilent = false
            inquiry.silences = 0
            inquiry.facts = properties.facts
            inquiry.isBooted = properties.isBooted
            inquiry.isProbe = properties.isBooted || !requireBootCompleted
            guard inquiry.isProbe else { return now + Self.delay(after: inquiry.attempts) }
            inquiry.attempts = 0
            return liveness.map { now + $0 }
        }
    }

    mutating func failed(_ entry: ADBEntry, _ failure: ADBQuestion.Failure, at now: MonotonicTime) {
        // Who has begun to use the phone meanwhile may keep it busy.
        let isCounted = liveness != nil && !leftAlone.contains(entry.identity)
        conclude(entry) { [requireBootCompleted, liveness] inquiry in
            inquiry.isSilent = true
            switch failure {
            case .notReached: break
            case .silence: inquiry.silences += isCounted ? 1 : 0
            case .refusal: inquiry.silences = 0
            }
            let isWanted = inquiry.attempts < Self.mostAttempts || requireBootCompleted && inquiry.isBooted != true
            if !isWanted { inquiry.isProbe = true }
            return isWanted || inquiry.silences > 0
                ? now + Self.delay(after: inquiry.attempts) : liveness.map { now + $0 }
        }
    }

    /// Whether the answer of this one still concerns anybody.
    func isAwaited(_ entry: ADBEntry) -> Bool { inquiries[Appearance(entry)]?.isUnderWay == true }

    func facts(of entry: ADBEntry) -> PhoneFacts? { inquiries[Appearance(entry)]?.facts }

    /// The server's word, and the phone's own, or its silence, where that is asked for.
    func verdict(of entry: ADBEntry) -> Verdict {
        let verdict = entry.state.verdict
        guard verdict.isReady else { return verdict }
        let inquiry = inquiries[Appearance(entry)]
        if let inquiry, inquiry.silences >= Self.silencesUntilOffline { return .notReady(.adbOffline) }
        guard requireBootCompleted else { return verdict }
        return switch inquiry?.isBooted {
        case nil: .unknown
        case true?: .ready
        case false?: .notReady(.notBooted)
        }
    }

    /// Ends one, and has it asked again when `take` says so, or when it came back meanwhile.
    private mutating func conclude(_ entry: ADBEntry, _ take: (inout Inquiry) -> MonotonicTime?) {
        guard var inquiry = inquiries[Appearance(entry)], inquiry.isUnderWay else { return }
        inquiry.isUnderWay = false
        let due = take(&inquiry)
        if inquiry.due != nil {
            // What came of it is about the time before it was away.
            inquiry.isBooted = nil
            inquiry.silences = 0
            inquiry.isProbe = false
        } else if inquiry.isUsable {
            inquiry.due = due
        }
        inquiries[Appearance(entry)] = inquiry
    }

    private func isHeldBack(_ inquiry: Inquiry) -> Bool { inquiry.isProbe && leftAlone.contains(inquiry.identity) }

    private var taken: Places {
        let underWay = inquiries.values.filter(\.isUnderWay)
        return Places(all: underWay.count, silent: underWay.count(where: \.isSilent))
    }

    /// How many are being asked.
    private struct Places {
        let all: Int
        let silent: Int

        func leavesPlace(for inquiry: Inquiry) -> Bool {
            if inquiry.isUnderWay || all >= ADBInquiries.places { return false }
            return !inquiry.isSilent || silent < ADBInquiries.placesForSilent
        }
    }

    private static func delay(after attempts: Int) -> Duration { delays[min(max(attempts, 1), delays.count) - 1] }
}
