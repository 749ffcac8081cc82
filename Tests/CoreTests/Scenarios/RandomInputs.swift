import Core
import TestSupport

/// Endless inputs that no host would give in that order: few phones and ports, so that they meet in every way.
struct RandomInputs {
    var random: SeededGenerator
    var serials: [String?] = [
        "A", "B", "C", "I", nil, "????????????", "0123456789ABCDEF", "00008020001A2D3E4F50601E",
        "CPID:8020 ECID:001A2D3E4F50601E IBFL:3C", "CPID:8020 ECID:00FFFFFFFFFFFFFF IBFL:3C",
    ]
    static let ports = ["1-1", "1-2", "1-3", "1-4.1", "1-4.2"]

    /// `I` is ignored, one port is bound, and one phone is listed twice over.
    static let listed = [
        ListedDevice(udid: "A", name: "Bench A", group: .public), ListedDevice(udid: "I", isIgnored: true),
        ListedDevice(udid: "00008020001a2d3e4f50601e", group: .private),
        ListedDevice(udid: "bench-2", name: "Bench 2", port: "pci-0000:00:14.0-usb-0:2"),
    ]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func device(at port: String? = nil) -> USBDevice {
        let port = port ?? pick(Self.ports)
        let number = Int.random(in: 2...5, using: &random)
        let serial = pick(serials)
        let android = USBDevice.android(serial, port: port, number: number, product: pick([nil, "Pixel 8", "\u{1b}"]))
        let ios = USBDevice.iphone(serial, port: port, number: number)
        var charging = android
        (charging.productID, charging.interfaces) = (0x4e11, [])
        var blocked = android
        blocked.isAuthorized = false
        return pick([
            android, android, android, ios, ios, android.inFastboot(number: number), charging, blocked,
            android.inEmergencyDownload(number: number),
            ios.inAppleMode(0x1281, ecid: "001A2D3E4F50601E", number: number),
            .stick(port: port, number: number),
        ])
    }

    mutating func udid() -> UDID {
        UDID(pick(["A", "B", "C", "I", "bench-2", "0123456789ABCDEF", "00008020-001A2D3E4F50601E", "ghost"]))
    }

    mutating func verdict() -> Verdict {
        pick([.ready, .ready, .unknown, .missing(pick(Reason.allCases)), .notReady(pick(Reason.allCases))])
    }

    mutating func sessionID() -> SessionID { SessionID(pick(["1", "2", "3", "4"])) }

    mutating func request() -> SessionRequest {
        let filter = DeviceFilter(
            platform: pick([nil, .android, .ios]), name: pick([nil, Glob("*"), Glob("Bench ?"), Glob("nobody")]))
        return SessionRequest(
            id: sessionID(), target: pick([.device(udid()), .device(udid()), .any(filter)]),
            owner: pick(["ci", "ann"]),
            startedBy: "user ci", kind: pick(Session.Kind.allCases), isExclusive: Bool.random(using: &random),
            binding: pick([.lease, .connection, .process(BoundProcess(pid: 7, startTime: 7))]),
            timeToLive: pick([nil, .milliseconds(0), .milliseconds(1), .milliseconds(500), .seconds(5), .seconds(60)]),
            longest: .milliseconds(pick([0, 1_000, 90_000])), isForced: Bool.random(using: &random),
            patience: pick([.zero, .milliseconds(500), .seconds(60)]))
    }

    mutating func observed() -> [ObservedSession] {
        ["seen 1", "seen 2"].filter { _ in Bool.random(using: &random) }
            .map { ObservedSession(id: SessionID($0), device: udid(), owner: "Appium") }
    }

    mutating func snapshot() -> [USBDevice] {
        Self.ports.filter { _ in Bool.random(using: &random) }.map { device(at: $0) }
    }

    mutating func input(at now: MonotonicTime) -> Input {
        switch Int.random(in: 0..<25, using: &random) {
        case 0..<6: .deviceAttached(device())
        case 6..<11: .deviceDetached(.on(pick(Self.ports), Int.random(in: 2...5, using: &random)))
        case 11..<12: .snapshotTaken(snapshot())
        case 12..<15: .healthReported(udid(), verdict())
        case 15..<17, 21: .sessionRequested(request())
        case 17: pick([.sessionHeartbeat(sessionID()), .sessionResumed(sessionID())])
        case 18: .sessionEnded(sessionID(), pick(SessionEnd.allCases))
        case 22: .sessionsObserved(by: "appium", observed())
        case 23: .watcherLost("appium")
        case 19: absence()
        case 20: .absenceCancelled(udid())
        default: .timePassed
        }
    }

    mutating func absence(of phone: UDID? = nil) -> Input {
        let absence = ExpectedAbsence(until: WallTime(milliseconds: 0), reason: pick(["", "flashing"]))
        return .absenceExpected(phone ?? udid(), absence, for: .seconds(pick([0, 1, 5, 60])))
    }

    mutating func pause() -> Duration { .milliseconds(pick([0, 0, 0, 1, 200, 1_000, 1_500, 2_000, 5_000, 31_000])) }

    mutating func rules() -> DetectionRules {
        var rules = DetectionRules()
        guard Int.random(in: 0..<4, using: &random) == 0 else { return rules }
        rules.unplugSettle = pick([.zero, .milliseconds(1)])
        rules.offlineHold = pick([.zero, .seconds(5)])
        rules.onlineHold = pick([.zero, .seconds(1)])
        rules.activation = pick([.zero, .seconds(30)])
        return rules
    }

    mutating func scenario() -> Scenario {
        Scenario(
            listed: Self.listed, rules: rules(), sensed: pick([[], [.android], [.android, .ios]]),
            unplugGrace: pick([.zero, .seconds(10)]))
    }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &random)] }
}
