/// Something that is wrong with the configuration or with a body.
package struct FaultView: Codable, Hashable, Sendable {
    /// JSON pointer (RFC 6901).
    package var pointer: String
    /// From 1.
    package var line: Int
    package var column: Int
    package var problem: String
    package var advice: String
    package init(pointer: String, line: Int, column: Int, problem: String, advice: String) {
        self.pointer = pointer
        self.line = line
        self.column = column
        self.problem = problem
        self.advice = advice
    }
}

package struct ReloadView: Codable, Hashable, Sendable {
    /// Whether the file is in force now.
    package var isInForce: Bool
    package var at: String
    /// Why the old configuration stays, when it does and the file could be read.
    package var faults: [FaultView]
    /// Why the file could not be read, when it could not.
    package var problem: String?
    package init(isInForce: Bool, at: String, faults: [FaultView], problem: String?) {
        self.isInForce = isInForce
        self.at = at
        self.faults = faults
        self.problem = problem
    }
}

package struct StatusView: Codable, Hashable, Sendable {
    package var version: String
    package var host: String
    package var pid: Int
    package var startedAt: String
    /// `starting`, `ready`, `degraded` (ready, but for a disk that refuses what happens) or `stopping`.
    package var phase: String
    /// Where plugs and removals come from: `udev`, `kernel`, `libusb`, …
    package var hotplugSource: String
    /// How many phones have which status.
    package var devices: [String: Int]
    /// Callbacks of all webhooks.
    package var waiting: Int
    package var inFlight: Int
    package var configurationFile: String
    package var lastReload: ReloadView?
    /// One for each platform.
    package var sensors: [SensorView]
    /// Those whose sessions count, in the order of the configuration.
    package var appium: [AppiumServerView]
    /// What is wrong now, in words, with the mend; empty when all is well.
    package var problems: [String]
    package init(
        version: String, host: String, pid: Int, startedAt: String, phase: String, hotplugSource: String,
        devices: [String: Int], waiting: Int, inFlight: Int, configurationFile: String, lastReload: ReloadView?,
        sensors: [SensorView], appium: [AppiumServerView], problems: [String]
    ) {
        self.version = version
        self.host = host
        self.pid = pid
        self.startedAt = startedAt
        self.phase = phase
        self.hotplugSource = hotplugSource
        self.devices = devices
        self.waiting = waiting
        self.inFlight = inFlight
        self.configurationFile = configurationFile
        self.lastReload = lastReload
        self.sensors = sensors
        self.appium = appium
        self.problems = problems
    }
}

/// An Appium server whose sessions count.
package struct AppiumServerView: Codable, Hashable, Sendable {
    /// As the configuration has it.
    package var url: String
    package var isAnswering: Bool
    /// How many it has now, also on phones that are none of this host's.
    package var sessions: Int
    /// Why it does not tell.
    package var problem: String?
    package init(url: String, isAnswering: Bool, sessions: Int, problem: String?) {
        self.url = url
        self.isAnswering = isAnswering
        self.sessions = sessions
        self.problem = problem
    }
}

/// Who tells whether the phones of a platform can be used.
package struct SensorView: Codable, Hashable, Sendable {
    /// `android` (adb) or `ios` (usbmuxd).
    package var platform: String
    /// Whether phones are ready only when it says so; else they are by being there.
    package var isInForce: Bool
    package var isAnswering: Bool
    /// Why it does not answer.
    package var problem: String?
    package init(platform: String, isInForce: Bool, isAnswering: Bool, problem: String?) {
        self.platform = platform
        self.isInForce = isInForce
        self.isAnswering = isAnswering
        self.problem = problem
    }
}
