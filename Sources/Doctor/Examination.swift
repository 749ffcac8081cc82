internal import PlughookConfiguration
internal import Core

/// One look at this host, for what would keep an agent from working.
///
/// For the user who runs it: root sees more than the agent's own user may do. Starts nothing, changes nothing, sends no request
/// to a receiver, opens no device node.
package enum Examination {
    /// Blocks, for about half a minute when nothing answers.
    package static func report(configurationPath path: String) -> Report {
        let look = ConfigurationLook(path: path)
        let host = lookAtHost((look.configuration ?? Configuration()).detection)
        guard let configuration = look.configuration else {
            let why = "the configuration cannot be used, which says what to look at"
            let depending: [Check] = [
                .configDirectory, .stateDirectory, .stateFileSystem, .stateSpace, .stateLock, .controlSocket, .adb,
                .usbmuxd, .appium,
                .receiver,
            ]
            return Report(look.diagnoses + host.diagnoses + depending.map { .skipped($0, why) })
        }
        return Report(
            look.diagnoses + [ConfigurationFolder(ofFile: path).diagnosis] + host.diagnoses
                + lookAtState(configuration.stateDirectory)
                + [ControlSocket(path: configuration.control.socket).diagnosis]
                + lookAtSensors(configuration.health, host.bus)
                + AppiumLook.diagnoses(of: configuration.sessions.appium, from: configuration.delivery.addresses)
                + lookAtReceivers(configuration))
    }

    private static func lookAtHost(_ detection: DetectionSettings) -> (diagnoses: [Diagnosis], bus: USBBus) {
        let bus = USBBus(rules: detection.rules)
        let diagnoses = [
            Supervisor().diagnosis, UdevDaemon(choice: detection.hotplug).diagnosis,
            NetworkNamespace(choice: detection.hotplug).diagnosis,
            ReceiveBuffer().diagnosis, bus.diagnosis, UdevRules().diagnosis, AgentGroups().diagnosis,
            WallClock().diagnosis,
        ]
        return (diagnoses, bus)
    }

    private static func lookAtState(_ directory: String) -> [Diagnosis] {
        let place = NearestDirectory.above(directory)
        return [
            StateFolder(path: directory).diagnosis, FileSystem(path: place).diagnosis, FreeSpace(path: place).diagnosis,
            StateLock(directory: directory).diagnosis,
        ]
    }

    private static func lookAtSensors(_ health: HealthSettings, _ bus: USBBus) -> [Diagnosis] {
        let off = "switched off in the configuration"
        let servers =
            health.adb.mode == .off
            ? []
            : health.adb.servers[...].mapInThreads(width: health.adb.servers.count) { endpoint in
                ADBServer(endpoint: endpoint, isAndroidPlugged: bus.hasPhone(of: .android))
            }
        let usbmux =
            health.usbmuxd.mode == .off
            ? nil : USBMux(socket: health.usbmuxd.socket, isIPhonePlugged: bus.hasPhone(of: .ios))
        let android = health.adb.mode.whoDecides(
            of: "Android phones", isAnswering: servers.contains { $0.diagnosis.verdict == .ok })
        let ios = health.usbmuxd.mode.whoDecides(of: "iPhones", isAnswering: usbmux?.diagnosis.verdict == .ok)
        let adb = servers.isEmpty ? [Diagnosis.skipped(.adb, off)] : servers.map(\.diagnosis)
        return adb.map { $0.adding(android) } + [(usbmux?.diagnosis ?? .skipped(.usbmuxd, off)).adding(ios)]
    }

    private static func lookAtReceivers(_ configuration: Configuration) -> [Diagnosis] {
        let diagnoses = Receiver.diagnoses(of: configuration.webhooks, from: configuration.delivery.addresses)
        return diagnoses.isEmpty ? [.skipped(.receiver, "no webhook is enabled")] : diagnoses
    }
}
