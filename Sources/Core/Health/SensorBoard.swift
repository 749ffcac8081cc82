/// Whether the phones of a platform are judged by its sensors.
package enum SensorMode: String, Hashable, Sendable, CaseIterable {
    /// Once the host has, or ever had, such a sensor.
    case auto
    case on
    case off
}

/// What becomes of a phone whose sensor is away.
package enum SensorLoss: String, Hashable, Sendable, CaseIterable {
    /// It keeps its status, and is flagged.
    case keep
    /// It is offline, after the grace.
    case offline
}

/// A phone that hangs on USB, as it is to be found in what the sensors say.
package struct PresentPhone: Hashable, Sendable {
    package var udid: UDID
    package var platform: Platform
    package var position: USBPosition
    package var port: PortPath
    /// The serial is its own; else it goes by its port.
    package var hasOwnSerial: Bool
    /// It shows an interface that its sensor could talk to.
    package var isReachable: Bool
    /// What the outside was last told.
    package var reported: Status?

    package init(
        udid: UDID, platform: Platform, position: USBPosition, port: PortPath, hasOwnSerial: Bool, isReachable: Bool,
        reported: Status?
    ) {
        self.udid = udid
        self.platform = platform
        self.position = position
        self.port = port
        self.hasOwnSerial = hasOwnSerial
        self.isReachable = isReachable
        self.reported = reported
    }
}

/// What the sensors say, joined with what hangs on USB: a verdict for each phone, by place first and by serial second.
///
/// Pure. The loss of a sensor is the loss of no phone: what it said last stands, and is flagged.
package struct SensorBoard: Sendable {
    package struct Rules: Hashable, Sendable {
        package var modes: [Platform: SensorMode] = [:]
        package var onLoss = SensorLoss.keep
        /// How long a sensor may be away before `onLoss` counts.
        package var grace = Duration.seconds(15)

        package init() {}
    }

    /// What one source said last.
    private struct Source: Sendable {
        var phones: [SensedPhone] = []
        /// Nil while it answers.
        var lostSince: MonotonicTime?
        var whyLost = ""
    }

    package var rules: Rules
    /// Whose sensors were there at least once, also before this start: to be remembered.
    package private(set) var seen: Set<Platform>
    private var sources: [SensorSource: Source] = [:]

    package init(rules: Rules = Rules(), seen: Set<Platform> = []) {
        self.rules = rules
        self.seen = seen
    }

    /// Platforms whose phones are ready only when a sensor says so.
    package var sensed: Set<Platform> {
        Set(
            Platform.allCases.filter { platform in
                switch rules.modes[platform, default: .auto] {
                case .off: false
                case .on: true
                case .auto: seen.contains(platform)
                }
            })
    }

    /// These are asked from now on; one that is new counts as away until it answers.
    package mutating func use(_ asked: [SensorSource], at now: MonotonicTime) {
        sources = sources.filter { asked.contains($0.key) }
        for source in asked where sources[source] == nil {
            sources[source] = Source(lostSince: now, whyLost: "it has not answered yet")
        }
    }

    /// What a source that is not asked (any more) says is not heard.
    package mutating func take(_ report: SensorReport, from source: SensorSource, at now: MonotonicTime) {
        guard sources[source] != nil else { return }
        switch report {
        case .found:
            sources[source]?.lostSince = nil
            seen.insert(source.platform)
        case .lost(_, let why):
            let since = sources[source]?.lostSince ?? now
            sources[source]?.lostSince = since
            sources[source]?.whyLost = why
        case .phones(let phones):
            sources[source]?.phones = phones
        }
    }

    /// Why a platform's sensor is away, when all of its sources are.
    package func loss(of platform: Platform) -> (since: MonotonicTime, why: String)? {
        let all = sources.filter { $0.key.platform == platform }.values
        guard let first = all.first, all.allSatisfy({ $0.lostSince != nil }) else { return nil }
        let latest = all.max { $0.lostSince?.nanoseconds ?? 0 < $1.lostSince?.nanoseconds ?? 0 } ?? first
        return latest.lostSince.map { ($0, latest.whyLost) }
    }

    /// When the verdicts change though nothing is said: the end of a grace.
    package func nextDeadline(after now: MonotonicTime) -> MonotonicTime? {
        guard rules.onLoss == .offline else { return nil }
        return sensed.compactMap { loss(of: $0).map { $0.since + rules.grace } }.filter { $0 > now }.min()
    }

    /// What to say of each phone of a sensed platform now.
    package func verdicts(of phones: [PresentPhone], at now: MonotonicTime) -> [UDID: Verdict] {
        let sensed = sensed
        var verdicts: [UDID: Verdict] = [:]
        let index = Index(sources.values.flatMap(\.phones), phones)
        for phone in phones where sensed.contains(phone.platform) {
            verdicts[phone.udid] = verdict(of: phone, index[phone], at: now)
        }
        return verdicts
    }

    /// What the phones say of themselves, as far as it is known.
    package func facts(of phones: [PresentPhone]) -> [UDID: PhoneFacts] {
        var facts: [UDID: PhoneFacts] = [:]
        let index = Index(sources.values.flatMap(\.phones), phones)
        for phone in phones { facts[phone.udid] = index[phone].lazy.compactMap(\.facts).first }
        return facts
    }

    /// The phone that a sensor calls so, when it is one alone: also one that goes by its port here.
    package func phone(called serial: String, among phones: [PresentPhone]) -> UDID? {
        let index = Index(sources.values.flatMap(\.phones), phones)
        let found = phones.filter { phone in index[phone].contains { $0.serial == serial } }
        return found.count == 1 ? found.first?.udid : nil
    }

    /// Those of a source's phones that somebody uses: not to be disturbed.
    package func utilized(among phones: [PresentPhone], by source: SensorSource) -> Set<SensedPhone.Identity> {
        let used = phones.filter { $0.reported == .utilizing && $0.platform == source.platform }
        guard !used.isEmpty, let sensed = sources[source]?.phones else { return [] }
        let index = Index(sensed, phones)
        return Set(used.flatMap { index[$0] }.map(\.identity))
    }

    private func verdict(of phone: PresentPhone, _ found: [SensedPhone], at now: MonotonicTime) -> Verdict {
        let loss = loss(of: phone.platform)
        if let loss, rules.onLoss == .offline, loss.since + rules.grace <= now {
            return .notReady(phone.platform.lossReason)
        }
        // One that any server can use is usable.
        if let best = found.first(where: { $0.verdict.isReady }) ?? found.first { return best.verdict }
        if loss == nil {
            return phone.isReachable ? .missing(phone.platform.missingReason) : .notReady(.noDebugInterface)
        }
        // Nobody can say. One that was told of before stays what it was; of one that is new, silence is told in the end.
        return phone.reported == nil || phone.reported == .unplugged ? .missing(phone.platform.lossReason) : .unsensed
    }
}

extension SensorSource {
    package var platform: Platform {
        switch self {
        case .adb: .android
        case .usbmuxd: .ios
        }
    }
}

extension Platform {
    /// The reason of a phone that its sensor does not list.
    fileprivate var missingReason: Reason {
        switch self {
        case .android: .adbMissing
        case .ios: .usbmuxdMissing
        }
    }

    /// The reason of a phone whose sensor is away.
    package var lossReason: Reason {
        switch self {
        case .android: .adbServerDown
        case .ios: .usbmuxdDown
        }
    }
}

/// What was sensed, by place and by serial.
private struct Index {
    private var byPort: [PortPath: [SensedPhone]] = [:]
    private var byAddress: [Address: [SensedPhone]] = [:]
    private var bySerial: [String: [SensedPhone]] = [:]
    private let own: Set<String>

    private struct Address: Hashable {
        let bus: Int
        let device: Int
    }

    init(_ sensed: [SensedPhone], _ present: [PresentPhone]) {
        own = Set(present.filter(\.hasOwnSerial).map(\.udid.description))
        for phone in sensed {
            switch phone.place {
            case .port(let port): byPort[port, default: []].append(phone)
            case .bus(let bus, let device): byAddress[Address(bus: bus, device: device), default: []].append(phone)
            case nil: break
            }
            bySerial[phone.serial, default: []].append(phone)
        }
    }

    /// The place says it, unless another phone is known to have that serial: then the sensor's word is of before a swap.
    /// Without a place, and for one that has moved meanwhile, the serial does.
    subscript(phone: PresentPhone) -> [SensedPhone] {
        let there =
            (byPort[phone.port] ?? [])
            + (byAddress[Address(bus: phone.position.bus, device: phone.position.number)] ?? [])
        let here = there.filter { sensed in
            sensed.serial == phone.udid.description || !phone.hasOwnSerial || !own.contains(sensed.serial)
        }
        if !here.isEmpty { return here }
        return phone.hasOwnSerial ? bySerial[phone.udid.description] ?? [] : []
    }
}
