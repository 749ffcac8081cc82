/// What the tracker needs of the configuration.
package struct TrackerSettings: Hashable, Sendable {
    package var rules: DetectionRules
    package var listed: ListedDevices
    /// How long sessions outlive an unplugging; zero ends them with it.
    package var unplugGrace: Duration
    /// How long sessions that are only observed outlive the sight of their watcher.
    package var observerGrace: Duration
    /// Platforms whose phones are ready only when a sensor says so. The others are ready when they are present in a
    /// usable mode.
    package var sensed: Set<Platform>

    package init(
        rules: DetectionRules = DetectionRules(), listed: ListedDevices = ListedDevices(),
        unplugGrace: Duration = .zero, observerGrace: Duration = .seconds(15), sensed: Set<Platform> = []
    ) {
        self.rules = rules
        self.listed = listed
        self.unplugGrace = unplugGrace
        self.observerGrace = observerGrace
        self.sensed = sensed
    }
}

/// What the last run left behind.
package struct TrackerState: Sendable {
    package var devices: [DeviceRecord]
    /// With their deadlines on the monotonic clock of this boot.
    package var sessions: [RestoredSession]
    package var nextEvent: EventNumber
    /// Whether the host has been booted since: then absences wait longer.
    package var isNewBoot: Bool
    /// The time now, for deadlines that are on disk.
    package var wallTime: WallTime

    package init(
        devices: [DeviceRecord] = [], sessions: [RestoredSession] = [], nextEvent: EventNumber = EventNumber(1),
        isNewBoot: Bool = false, wallTime: WallTime = WallTime(milliseconds: 0)
    ) {
        self.devices = devices
        self.sessions = sessions
        self.nextEvent = nextEvent
        self.isNewBoot = isNewBoot
        self.wallTime = wallTime
    }
}

/// A session that the last run left behind.
package struct RestoredSession: Hashable, Sendable {
    package let device: UDID
    package let session: Session

    package init(device: UDID, session: Session) {
        self.device = device
        self.session = session
    }
}
