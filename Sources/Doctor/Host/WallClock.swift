internal import Core
internal import Linux

/// Whether this host knows what time it is: receivers compare the times in callbacks, certificates are judged by it.
struct WallClock: Hashable {
    enum Discipline: Hashable {
        case synchronised, unsynchronised
        /// The kernel would not say.
        case unknown(why: String)
    }

    /// 2025-01-01 UTC, before the first version of this program: a clock that shows less is wrong.
    static let earliest = WallTime(milliseconds: 1_735_689_600_000)

    var now: WallTime
    var discipline: Discipline

    var diagnosis: Diagnosis {
        let mend = "timedatectl set-ntp true, or run chrony; timedatectl shows what came of it"
        if now < Self.earliest {
            return .problem(.clock, "the clock is before 2025: events get wrong times, certificates fail", mend: mend)
        }
        switch discipline {
        case .synchronised: return .ok(.clock, "the kernel calls the clock synchronised")
        case .unsynchronised:
            return .warning(
                .clock, "the kernel calls the clock unsynchronised: times in callbacks may drift", mend: mend)
        case .unknown(let why): return .skipped(.clock, "the kernel does not say whether the clock is right: \(why)")
        }
    }
}

extension WallClock {
    init() { self.init(now: .now(), discipline: .now()) }
}

extension WallClock.Discipline {
    fileprivate static func now() -> Self {
        do {
            return try WallTime.isSynchronised() ? .synchronised : .unsynchronised
        } catch {
            return .unknown(why: error.description)
        }
    }
}
