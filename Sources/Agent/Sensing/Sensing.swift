internal import Core
internal import Linux
internal import Logging
internal import PlughookConfiguration
internal import Sensors

/// The sensors of health that the configuration names, and what they say of the phones that hang on USB.
///
/// Lives in the loop: watch `descriptor`, wait until `nextDeadline` at most, call `process(now:)`, then `inputs`.
final class Sensing {
    private(set) var board: SensorBoard
    private let logger: Logger
    private let environment: [String: String]
    private let epoll: Epoll
    private var adb: [String: ADBSensor] = [:]
    private var requireBootCompleted = false
    private var liveness: Duration?
    private var usbmux: (address: USBMuxAddress, sensor: USBMuxSensor)?
    private var isAppleHere = false
    private var told: [UDID: Verdict] = [:]
    private var toldFacts: [UDID: PhoneFacts] = [:]

    /// `seen` are the platforms whose sensors this host is remembered to have had.
    init(seen: Set<Platform>, environment: [String: String], logger: Logger) throws(SystemError) {
        board = SensorBoard(seen: seen)
        self.environment = environment
        self.logger = logger
        epoll = try Epoll()
    }

    /// Readable when `process` has something to do; the same as long as this object lives.
    var descriptor: Int32 { epoll.descriptor }

    /// When something is to be done though nothing is readable.
    func nextDeadline(after now: MonotonicTime) -> MonotonicTime? {
        (adb.values.map(\.nextDeadline) + [usbmux?.sensor.nextDeadline, board.nextDeadline(after: now)])
            .compactMap(\.self).min()
    }

    /// Asks those that the configuration names, and no others.
    func use(_ settings: HealthSettings, grace: Duration, at now: MonotonicTime) {
        board.rules.modes = [.android: settings.adb.mode, .ios: settings.usbmuxd.mode]
        board.rules.onLoss = settings.onSensorLoss
        board.rules.grace = grace
        useADB(settings.adb)
        useUSBMux(settings.usbmuxd)
        board.use(adb.values.map(\.source) + [usbmux?.sensor.source].compactMap(\.self), at: now)
    }

    private func useADB(_ settings: ADBSettings) {
        let wanted = settings.liveness > .zero ? settings.liveness : nil
        let isOtherQuestion = settings.requireBootCompleted != requireBootCompleted || wanted != liveness
        requireBootCompleted = settings.requireBootCompleted
        liveness = wanted
        let servers = settings.mode == .off ? [] : settings.servers
        for (server, sensor) in adb where isOtherQuestion || !servers.contains(server) {
            epoll.forget(sensor.descriptor)
            adb[server] = nil
        }
        for server in servers where adb[server] == nil {
            do {
                let sensor = try ADBSensor(
                    server: server, requireBootCompleted: requireBootCompleted, liveness: liveness)
                try epoll.watch(sensor.descriptor, for: .readable)
                adb[server] = sensor
            } catch {
                logger.error("sensor.unusable", metadata: ["sensor": "adb \(server)", "why": "\(error)"])
            }
        }
    }

    private func useUSBMux(_ settings: USBMuxSettings) {
        do {
            let address =
                settings.mode == .off
                ? nil : try USBMuxAddress(environment: environment, socket: settings.socket)
            guard address != usbmux?.address else { return }
            if let old = usbmux { epoll.forget(old.sensor.descriptor) }
            usbmux = nil
            isAppleHere = false
            guard let address else { return }
            let sensor = try USBMuxSensor(address: address)
            try epoll.watch(sensor.descriptor, for: .readable)
            usbmux = (address, sensor)
        } catch {
            logger.error("sensor.unusable", metadata: ["sensor": "usbmuxd", "why": "\(error)"])
        }
    }

    /// Takes what the sensors have to say. Does not wait.
    func process(now: MonotonicTime) {
        for sensor in adb.values { take(sensor.process(now: now), from: sensor.source, at: now) }
        if let sensor = usbmux?.sensor { take(sensor.process(now: now), from: sensor.source, at: now) }
    }

    private func take(_ reports: [SensorReport], from source: SensorSource, at now: MonotonicTime) {
        for report in reports {
            board.take(report, from: source, at: now)
            switch report {
            case .found: logger.notice("sensor.found", metadata: ["sensor": "\(source)"])
            case .lost(_, let why): logger.warning("sensor.lost", metadata: ["sensor": "\(source)", "why": "\(why)"])
            case .phones: break
            }
        }
    }

    /// What is news for the tracker, now that these phones hang on USB.
    func inputs(for present: [PresentPhone], at now: MonotonicTime) -> [Input] {
        expectApple(present.contains { $0.platform == .ios }, at: now)
        let verdicts = board.verdicts(of: present, at: now)
        let facts = board.facts(of: present)
        // One that has gone, or is judged by its mode alone, is spoken of no more.
        let gone = told.keys.filter { verdicts[$0] == nil && told[$0] != .unknown }
        let changed = verdicts.filter { told[$0.key] != $0.value }
        let learned = facts.filter { toldFacts[$0.key] != $0.value }
        told = verdicts
        toldFacts = facts
        return gone.map { .healthReported($0, .unknown) }
            + learned.map { .factsReported($0.key, $0.value) } + changed.map { .healthReported($0.key, $0.value) }
    }

    /// Those of these phones that somebody uses now are not asked whether they still answer.
    func leaveUtilizedAlone(among present: [PresentPhone]) {
        guard liveness != nil else { return }
        for sensor in adb.values { sensor.leaveAlone(board.utilized(among: present, by: sensor.source)) }
    }

    /// Asks again whether this phone can be used, before its time.
    func lookAgain(at udid: UDID, _ platform: Platform?, now: MonotonicTime) {
        switch platform {
        case .android: for sensor in adb.values { sensor.lookAgain(at: now) }
        case .ios: usbmux?.sensor.lookAgain(at: udid, now: now)
        case nil: break
        }
    }

    private func expectApple(_ isHere: Bool, at now: MonotonicTime) {
        guard isHere != isAppleHere, let sensor = usbmux?.sensor else { return }
        isAppleHere = isHere
        if isHere { sensor.expectPhone(now: now) } else { sensor.expectNoPhone() }
    }
}
