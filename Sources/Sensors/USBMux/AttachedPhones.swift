internal import Core

/// The phones that usbmuxd has attached, what is known of each, and when each is to be asked again.
///
/// Bounded: what usbmuxd attaches beyond `most` is left out. A DeviceID means nothing after the connection it came on.
struct AttachedPhones {
    private struct Phone {
        let device: MuxDevice
        let order: Int
        var verdict = Verdict.unknown
        var facts: PhoneFacts?
        var progress = Progress.due(at: MonotonicTime(nanoseconds: .min))
        var delay = AttachedPhones.shortestDelay
        /// Did not answer in time when it was asked last.
        var isSilent = false
    }

    private enum Progress: Hashable {
        case due(at: MonotonicTime)
        /// `again`: something happened meanwhile that the answer may not know of.
        case asked(again: Bool)
        /// It is ready, and whatever changes that is told.
        case settled
    }

    private var phones: [Int: Phone] = [:]
    private var attachments = 0

    static let most = 256
    /// What is asked at the same time: usbmuxd serves all from one thread.
    static let mostAsked = 4
    /// Of those, phones that did not answer the last time, so that the others always have a place.
    static let mostSilentAsked = 2
    static let shortestDelay = Duration.seconds(2)
    static let longestDelay = Duration.seconds(30)

    /// In the order in which they were attached.
    func sensed(by source: SensorSource) -> [SensedPhone] {
        phones.values.sorted { $0.order < $1.order }.map { phone in
            let location = phone.device.location
            let isKnown = (1...0xffff_ffff).contains(location)
            return SensedPhone(
                source: source, place: isKnown ? .bus(location >> 16, device: location & 0xffff) : nil,
                serial: UDID(apple: phone.device.serial)?.description ?? phone.device.serial,
                verdict: phone.verdict, facts: phone.facts)
        }
    }

    /// Nothing changes if it is attached already; one that had its id is gone. False: an inquiry into that one is void.
    mutating func attached(_ device: MuxDevice) -> Bool {
        guard device.isUSB, phones[device.id]?.device != device else { return true }
        let isNew = phones[device.id] == nil
        guard phones.count < Self.most || !isNew else { return true }
        attachments += 1
        phones[device.id] = Phone(device: device, order: attachments)
        return isNew
    }

    /// An inquiry into it is void. Harmless for one that is not known: it may be one on the network.
    mutating func detached(_ id: Int) { phones[id] = nil }

    /// Somebody was trusted: asked at once, and again if that is under way already.
    mutating func paired(_ id: Int, at now: MonotonicTime) {
        phones[id]?.delay = Self.shortestDelay
        switch phones[id]?.progress {
        case .asked: phones[id]?.progress = .asked(again: true)
        case .due, .settled: phones[id]?.progress = .due(at: now)
        case nil: break
        }
    }

    /// Somebody wants to use it: asked as if it had just been trusted. Of no meaning for one that is not attached.
    mutating func hurry(_ udid: UDID, at now: MonotonicTime) {
        for (id, phone) in phones where UDID(apple: phone.device.serial) ?? UDID(phone.device.serial) == udid {
            paired(id, at: now)
        }
    }

    /// The connection is gone, and all ids with it.
    mutating func forgetAll() { phones = [:] }

    /// The phone that is to be asked now, and is taken to be from here on; nil when none is due, or enough are asked.
    mutating func claim(at now: MonotonicTime) -> MuxDevice? {
        let due = candidates.filter { $0.due <= now }
        guard let next = due.min(by: { ($0.due, $0.phone.order) < ($1.due, $1.phone.order) })?.phone else { return nil }
        phones[next.device.id]?.progress = .asked(again: false)
        return next.device
    }

    /// When `claim` has one; a moment in the past means now.
    var deadline: MonotonicTime? { candidates.map(\.due).min() }

    /// An inquiry came to its end. `spread` is from 0 to 1: where in the last quarter of the delay the next one falls.
    mutating func concluded(_ id: Int, _ conclusion: Inquiry.Conclusion, at now: MonotonicTime, spread: Double) {
        guard var phone = phones[id], case .asked(let again) = phone.progress else { return }
        phone.verdict = conclusion.verdict
        phone.facts = Self.merged(phone.facts, conclusion.facts)
        phone.isSilent = conclusion.isSilent
        if again {
            phone.progress = .due(at: now)
        } else if conclusion.verdict.isReady {
            phone.delay = Self.shortestDelay
            phone.progress = .settled
        } else {
            phone.progress = .due(at: now + phone.delay * (0.75 + 0.25 * min(max(spread, 0), 1)))
            phone.delay = min(phone.delay * 2, Self.longestDelay)
        }
        phones[id] = phone
    }

    /// Those that wait to be asked and may be, with when.
    private var candidates: [(phone: Phone, due: MonotonicTime)] {
        let asked = phones.values.filter { if case .asked = $0.progress { true } else { false } }
        guard asked.count < Self.mostAsked else { return [] }
        let isFullForSilent = asked.count(where: \.isSilent) >= Self.mostSilentAsked
        return phones.values.compactMap { phone in
            guard case .due(let due) = phone.progress, !(phone.isSilent && isFullForSilent) else { return nil }
            return (phone, due)
        }
    }

    /// What is not told this time stays as it was told before.
    private static func merged(_ old: PhoneFacts?, _ new: PhoneFacts?) -> PhoneFacts? {
        guard let old, let new else { return new ?? old }
        return PhoneFacts(
            name: new.name ?? old.name, model: new.model ?? old.model, osVersion: new.osVersion ?? old.osVersion)
    }
}
