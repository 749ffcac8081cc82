internal import Core

/// Finds out what one phone is called and whether it trusts this host.
///
///     readingRecord ─► (readingBUID) ─► connecting ─► queryingType ─► askingFor name, model, version
///                                                                       ├─► startingSession ─► concluded
///                                                                       └─► concluded (no record: untrusted)
///
/// Any of them goes to `concluded` when something fails. An input that does not fit the state is a failure, too: nobody
/// says anything unasked on these connections. The facts come before the verdict, because a phone gives them to anybody.
struct Inquiry {
    enum Action: Hashable {
        case none
        /// On a new connection; the one before is of no more use.
        case ask(MuxRequest)
        /// On the connection to the phone.
        case tell(LockdownRequest)
        /// The inquiry is over, and so is its connection.
        case conclude(Conclusion)
    }

    struct Conclusion: Hashable {
        var verdict: Verdict
        var facts: PhoneFacts?
        /// The phone did not answer in time: to be asked with care.
        var isSilent = false
    }

    private enum State: Hashable {
        case readingRecord
        case readingBUID(hostID: String)
        case connecting
        case queryingType
        case askingFor(LockdownRequest.Key)
        case startingSession
        case concluded
    }

    private let device: MuxDevice
    private var state = State.readingRecord
    private var record: Record = .unread
    private var facts = PhoneFacts()

    private enum Record: Hashable {
        case unread
        case none
        case present(hostID: String, systemBUID: String)
    }

    init(_ device: MuxDevice) { self.device = device }

    /// What to begin with.
    var first: Action { .ask(.readPairRecord(serial: device.serial)) }

    mutating func muxSaid(_ message: MuxMessage) -> Action {
        switch (state, message) {
        case (.readingRecord, .pairRecord(let bytes)):
            guard let record = PairRecord(bytes) else { return connect(with: .none) }
            guard let systemBUID = record.systemBUID else {
                state = .readingBUID(hostID: record.hostID)
                return .ask(.readBUID)
            }
            return connect(with: .present(hostID: record.hostID, systemBUID: systemBUID))
        case (.readingRecord, .result(MuxMessage.noSuchRecord)): return connect(with: .none)
        case (.readingBUID(let hostID), .buid(let systemBUID)):
            return connect(with: .present(hostID: hostID, systemBUID: systemBUID))
        case (.connecting, .result(0)):
            state = .queryingType
            return .tell(.queryType)
        case (.concluded, _): return .none
        case (.readingRecord, _), (.readingBUID, _), (.connecting, _), (.queryingType, _), (.askingFor, _),
            (.startingSession, _):
            return failed()
        }
    }

    mutating func phoneSaid(_ answer: LockdownAnswer) -> Action {
        switch state {
        case .queryingType: return learned(type: answer.type)
        case .askingFor(let key):
            // One that is not told now is asked for in the next inquiry, if there is one.
            note(answer.error == nil ? answer.value : nil, of: key)
            return ask(after: key)
        case .startingSession: return conclude(Self.verdict(onSession: answer.error))
        case .concluded: return .none
        case .readingRecord, .readingBUID, .connecting: return failed()
        }
    }

    /// The connection ended or could not be made, or what came on it is no message; or, `isSilent`, nothing came in time.
    mutating func failed(isSilent: Bool = false) -> Action {
        if state == .concluded { return .none }
        // Without a record there can be no trust, whatever the phone would have said.
        return conclude(record == .none ? .notReady(.untrusted) : .unknown, isSilent: isSilent)
    }

    private mutating func connect(with record: Record) -> Action {
        self.record = record
        state = .connecting
        return .ask(.connect(id: device.id, port: LockdownRequest.port))
    }

    private mutating func learned(type: String?) -> Action {
        switch type {
        case "com.apple.mobile.lockdown"?:
            state = .askingFor(.deviceName)
            return .tell(.getValue(.deviceName))
        // A phone in restore mode has this in lockdownd's place.
        case "com.apple.mobile.restored"?: return conclude(.notReady(.restore))
        case _?, nil: return failed()
        }
    }

    private mutating func note(_ value: String?, of key: LockdownRequest.Key) {
        switch key {
        case .deviceName: facts = PhoneFacts(name: value, model: facts.model, osVersion: facts.osVersion)
        case .productType: facts = PhoneFacts(name: facts.name, model: value, osVersion: facts.osVersion)
        case .productVersion: facts = PhoneFacts(name: facts.name, model: facts.model, osVersion: value)
        }
    }

    private mutating func ask(after key: LockdownRequest.Key) -> Action {
        switch key {
        case .deviceName: state = .askingFor(.productType)
        case .productType: state = .askingFor(.productVersion)
        case .productVersion:
            guard case .present(let hostID, let systemBUID) = record else { return conclude(.notReady(.untrusted)) }
            state = .startingSession
            return .tell(.startSession(hostID: hostID, systemBUID: systemBUID))
        }
        if case .askingFor(let next) = state { return .tell(.getValue(next)) }
        return .none
    }

    private mutating func conclude(_ verdict: Verdict, isSilent: Bool = false) -> Action {
        state = .concluded
        let facts = facts == PhoneFacts() ? nil : facts
        return .conclude(Conclusion(verdict: verdict, facts: facts, isSilent: isSilent))
    }

    /// By libimobiledevice's `lockdown.c`, which has a number for each of these words.
    private static func verdict(onSession error: String?) -> Verdict {
        switch error {
        case nil: .ready
        case "InvalidHostID"?, "InvalidPairRecord"?, "UserDeniedPairing"?, "PairingDialogResponsePending"?:
            .notReady(.untrusted)
        case "PasswordProtected"?: .notReady(.locked)
        case _?: .unknown
        }
    }
}
