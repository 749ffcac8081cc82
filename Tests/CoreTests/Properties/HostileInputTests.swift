@testable import Core
import TestSupport
import Testing

/// Nothing that the kernel, a phone, a sensor or a client can say may trap.
struct HostileInputTests {
    private static let texts: [String] = [
        "", "\0", "?", " ", "\u{202e}", "e\u{301}\u{301}", "CPID:", "ECID:", "CPID:1 ECID:0000000000000000", "-", "/",
        "..",
        String(repeating: "?", count: 9_999), String(repeating: "\u{10ffff}", count: 126), "00008020-001A2D3E4F50601E",
        String(repeating: "0", count: 24), String(repeating: "A", count: 40), "unknown", "👩‍👩‍👧‍👦", "\u{feff}a",
        "'; DROP TABLE",
    ]
    private static let durations: [Duration] = [
        .zero, .nanoseconds(1), .seconds(1), .seconds(-1), .seconds(Int64.max), .seconds(Int64.min),
    ]

    private struct Hostile {
        var random: RandomInputs

        mutating func text() -> String { random.pick(texts) }
        mutating func duration() -> Duration { random.pick(durations) }
        mutating func number() -> UInt16 {
            random.pick([0, 0xffff, 0x05ac, 0x18d1, 0x1281, 0x4ee0, 0x04e8, 0x05c6, 0x9008])
        }

        mutating func device() -> USBDevice {
            USBDevice(
                position: position(), port: PortPath(text()), idPath: random.pick([nil, text()]), vendorID: number(),
                productID: number(), serial: random.pick([nil, text()]), manufacturer: text(), product: text(),
                interfaces: random.pick([[], [.adb], [.fastboot], [.usbmux, .vendorMTP]]),
                speed: random.pick([nil, .min, .max]),
                isAuthorized: Bool.random(using: &random.random))
        }

        mutating func position() -> USBPosition {
            USBPosition(devpath: text(), bus: random.pick([.min, -1, 0, .max]), number: random.pick([.min, 0, .max]))
        }

        mutating func input(at now: MonotonicTime) -> Input {
            switch Int.random(in: 0..<12, using: &random.random) {
            case 0, 1: return .deviceAttached(device())
            case 2: return .deviceDetached(position())
            case 3: return .snapshotTaken((0..<Int.random(in: 0..<9, using: &random.random)).map { _ in device() })
            case 4: return .healthReported(UDID(text()), random.verdict())
            case 5:
                return .sessionRequested(
                    SessionRequest(
                        id: SessionID(text()), target: .device(UDID(text())), owner: text(), startedBy: text(),
                        timeToLive: duration(), longest: duration(), isForced: Bool.random(using: &random.random),
                        patience: duration()))
            case 8: return .settingsChanged(settings())
            case 9: return .deviceForgotten(UDID(text()))
            case 10:
                let until = WallTime(milliseconds: random.pick([.min, -1, 0, .max]))
                let absence = ExpectedAbsence(until: until, reason: text())
                return .absenceExpected(UDID(text()), absence, for: duration())
            case 11: return .absenceCancelled(UDID(text()))
            case 6: return .sessionHeartbeat(SessionID(text()))
            default: return .sessionEnded(SessionID(text()), .released)
            }
        }

        mutating func settings() -> TrackerSettings {
            var rules = DetectionRules()
            rules.unplugSettle = duration()
            (rules.offlineHold, rules.onlineHold, rules.activation) = (duration(), duration(), duration())
            (rules.startSettle, rules.bootSettle) = (duration(), duration())
            let listed = (0..<5).map { _ in
                ListedDevice(udid: text(), name: text(), port: text(), isIgnored: Bool.random(using: &random.random))
            }
            return TrackerSettings(
                rules: rules, listed: ListedDevices(listed), unplugGrace: duration(),
                sensed: random.pick([[], [.android]]))
        }
    }

    @Test(arguments: Blocks.of(20)) func nothing_traps(_ block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            var hostile = Hostile(random: RandomInputs(seed: seed))
            var times = (0..<40).map { _ in Int64.random(in: .min ... .max, using: &hostile.random.random) }.sorted()
            times = [.min, .min + 1] + times + [.max - 1, .max, .max]
            let first = MonotonicTime(nanoseconds: .min)
            let records = (0..<3).map { _ in
                DeviceRecord(
                    udid: UDID(hostile.text()), name: "", reported: hostile.random.pick([nil, .online, .utilizing]),
                    expectedAbsence: hostile.random.pick([nil, Int64.min, Int64.max]).map {
                        ExpectedAbsence(until: WallTime(milliseconds: $0), reason: "", hasBegun: true)
                    })
            }
            var tracker = Tracker(
                settings: hostile.settings(),
                state: TrackerState(
                    devices: records, isNewBoot: seed % 2 == 0, wallTime: WallTime(milliseconds: .min)),
                at: first)
            for nanoseconds in times {
                let now = MonotonicTime(nanoseconds: nanoseconds)
                for _ in 0..<3 { _ = tracker.handle(hostile.input(at: now), at: now) }
            }
            #expect(tracker.devices.count < 100, "seed \(seed)")
        }
    }
}
