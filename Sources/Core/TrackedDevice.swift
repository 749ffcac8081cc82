/// One phone, as the tracker knows it: the three inputs, and what was last reported.
struct TrackedDevice: Sendable {
    var record: DeviceRecord
    var group: DeviceGroup
    var isListed: Bool
    var presence: Presence
    var health = Health()
    var sessions = SessionSet()
    /// Where it is, in the order of arrival. More than one: a move that overlaps, or two phones with one serial.
    var positions: [USBPosition] = []
    /// The port that it left last, while it may still come back.
    var lastDevpath: String?
    /// Since when two phones carry this serial; nil while only one does, and once it is decided what they are.
    var doubledSince: MonotonicTime?
    /// Set once that lasted for longer than a move can; cleared when the last of them is unplugged.
    var isDuplicate = false
    /// Grows with every input about any phone: the lowest was left alone longest.
    var lastTouched: UInt64 = 0
    /// Its `lastTouched` when a session on it ended last.
    var lastFreed: UInt64 = 0
    /// When the absence that the record expects is over.
    var absenceDeadline: MonotonicTime?

    init(record: DeviceRecord, listed: ListedDevice?, rules: DetectionRules, presence: Presence) {
        self.record = record
        group = listed.map { $0.group ?? .local } ?? rules.unlistedGroup
        isListed = listed != nil
        self.presence = presence
        if let name = listed?.name { self.record.name = name }
    }

    /// Two phones with one serial: for as long as a move may overlap, and until it is told, nothing new is said.
    private var isInDoubt: Bool {
        presence == .present && (doubledSince != nil || isDuplicate && health.settled != .notReady(.duplicateSerial))
    }

    var status: Status? {
        guard !isInDoubt else { return record.reported }
        return Status(
            presence: presence, health: health.settled, isUtilizing: sessions.isUtilizing,
            lastReported: record.reported, isAbsenceExpected: record.expectedAbsence != nil)
    }

    /// When something that is waited for is due; nil when nothing is.
    func deadline(_ rules: DetectionRules) -> MonotonicTime? {
        let doubled = doubledSince.map { $0 + rules.unplugSettle }
        let health = presence == .present ? health.deadline(rules) : nil
        return [presence.deadline, health, sessions.deadline, doubled, absenceDeadline].compactMap(\.self).min()
    }

    /// Why it cannot be used now, as far as anything is known; nil when it can.
    var hindrance: Reason? {
        switch health.latest {
        case .ready: nil
        case .notReady(let reason): reason
        case .unknown, .missing, .unsensed: record.reason
        }
    }

    /// The next one on this identity starts from nothing.
    mutating func wentAway() {
        health.forget()
        isDuplicate = false
        lastDevpath = nil
    }

    /// Nobody would miss it: not there, not listed, not used, not about to come back.
    var isForgettable: Bool {
        guard !isListed, sessions.isEmpty, positions.isEmpty, record.expectedAbsence == nil else { return false }
        switch presence {
        case .absent: return true
        // Of one that was there before the start it is not known yet whether it still is.
        case .unconfirmed: return record.reported == nil || record.reported == .unplugged
        case .present, .leaving: return false
        }
    }
}
