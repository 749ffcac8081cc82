internal import Core

/// Decides which source is in force, and when sysfs is to be looked at instead. Pure; time is a parameter.
struct SourceInForce {
    enum Effect: Hashable {
        case none
        /// Another source is in force: say so, and take a snapshot.
        case changed
        /// The source stays because it was chosen, against what speaks for another.
        case doubted(HotplugSource.Reason)
        /// Look at sysfs.
        case rescan
        /// Look at sysfs, and whether udevd is there now: libudev subscribes to nothing when it was not there at the time.
        case rescanAndLookForUdev
    }

    /// How often sysfs is looked at while udevd's messages do not reach this process. The kernel's are heard meanwhile; this
    /// is for what they do not tell, and for a network namespace in which not even they are heard.
    static let rescanInterval = Duration.seconds(2)

    private let choice: HotplugChoice
    private(set) var source: HotplugSource
    private(set) var nextRescan: MonotonicTime?

    init(_ choice: HotplugChoice, obstacle: HotplugSource.Reason?, at now: MonotonicTime) {
        self.choice = choice
        source =
            switch (choice, obstacle) {
            case (.libusb, _): HotplugSource(.libusb, .chosen)
            case (.udev, _): HotplugSource(.udev, .chosen)
            case (.auto, nil): HotplugSource(.udev, .udevReachable)
            case (.auto, let obstacle?): HotplugSource(.kernel, obstacle)
            }
        if source.kind == .kernel { nextRescan = now + Self.rescanInterval }
    }

    mutating func udevHeard() -> Effect {
        guard source.kind == .kernel else { return .none }
        source = HotplugSource(.udev, .udevReturned)
        nextRescan = nil
        return .changed
    }

    mutating func udevFellSilent(_ sequence: UInt64, at now: MonotonicTime) -> Effect {
        let reason = HotplugSource.Reason.udevSilent(sequence: sequence)
        switch (choice, source.kind) {
        case (.auto, .udev):
            source = HotplugSource(.kernel, reason)
            nextRescan = now + Self.rescanInterval
            return .changed
        case (.udev, _): return .doubted(reason)
        case (.auto, .kernel), (.auto, .libusb), (.libusb, _): return .none
        }
    }

    mutating func timePassed(_ now: MonotonicTime) -> Effect {
        guard let due = nextRescan, due <= now else { return .none }
        nextRescan = now + Self.rescanInterval
        return source.reason == .noUdevControl ? .rescanAndLookForUdev : .rescan
    }
}
