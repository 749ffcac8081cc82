@testable import Core
import TestSupport
import Testing

/// Because status is derived, the order in which facts come cannot change where it ends.
///
/// Kept out, because history decides them by design: sessions that were refused, serials that two phones carried,
/// modes that only the port ties to a phone, and a sensor that takes a verdict back (`unknown` keeps what settled).
struct OrderIndependenceTests {
    /// A phone as it finally is.
    private struct Phone {
        let udid: UDID
        let device: USBDevice?
        let verdict: Verdict
        let isLeased: Bool
    }

    private struct World {
        var phones: [Phone] = []
        /// Ports on which other phones may have been before.
        var ports: [String] = []
        let sensed: Set<Platform>

        init(_ random: inout RandomInputs) {
            sensed = random.pick([[], [.android], [.android, .ios]])
            for index in 0..<6 {
                let (serial, port) = ("0000802\(index)001A2D3E4F50600\(index)", "1-\(index)")
                let isLeased = Int.random(in: 0..<3, using: &random.random) == 0
                let android = USBDevice.android("S\(index)", port: port, number: 100)
                let ios = USBDevice.iphone(serial, port: port, number: 100)
                var blocked = android
                blocked.isAuthorized = false
                let mode = ios.inAppleMode(0x1281, ecid: "001A2D3E4F50600\(index)", number: 100)
                let seen = random.pick(
                    index % 2 == 0 ? [android, android, android.inFastboot(number: 100), blocked] : [ios, mode])
                phones.append(
                    Phone(
                        udid: index % 2 == 0 ? UDID("S\(index)") : UDID("0000802\(index)-001A2D3E4F50600\(index)"),
                        device: isLeased ? seen : random.pick([seen, seen, nil]),
                        verdict: random.pick([.ready, .ready, .notReady(random.pick(Reason.allCases))]),
                        isLeased: isLeased))
                if !isLeased { ports.append(port) }
            }
        }
    }

    @Test(arguments: Blocks.of(20)) func status_isTheSame_inEveryOrder(_ block: UInt64) {
        for seed in (block * 60)..<(block * 60 + 60) {
            var random = RandomInputs(seed: seed)
            let world = World(&random)
            let listed = world.phones.map { ListedDevice(udid: $0.udid.description) }
            let outcomes = (0..<4).map { _ in
                var lab = Scenario(listed: listed, sensed: world.sensed)
                arrive(world, &lab, &random)
                let noise = makeNoise(world, &lab, &random)
                settle(world, after: noise, &lab, &random)
                return outcome(world, lab)
            }
            #expect(Set(outcomes).count == 1, "seed \(seed): \(outcomes)")
            #expect(outcomes.first == expected(world), "seed \(seed)")
        }
    }

    /// A lease is refused on a phone that is unplugged, so those are there from the start.
    private func arrive(_ world: World, _ lab: inout Scenario, _ random: inout RandomInputs) {
        for phone in world.phones.shuffled(using: &random.random) where phone.isLeased {
            if let device = phone.device { lab.attach(device.again(number: 99)) }
        }
    }

    /// Phones come and go on each other's ports, sensors contradict themselves. What is there at the end is returned.
    private func makeNoise(_ world: World, _ lab: inout Scenario, _ random: inout RandomInputs) -> [UDID: USBDevice] {
        var present: [UDID: USBDevice] = [:]
        for number in 2..<Int.random(in: 2..<40, using: &random.random) {
            let phone = random.pick(world.phones)
            lab.hear(random.verdict(), of: phone.udid.description)
            // Over before the end, by return, by time or by hand.
            lab.handle(random.pick([random.absence(of: phone.udid), .absenceCancelled(phone.udid), .timePassed]))
            lab.wait(random.pause())
            guard !phone.isLeased, let device = phone.device else { continue }
            if let there = present.removeValue(forKey: phone.udid) {
                lab.detach(there)
            } else {
                let moved = device.again(port: random.pick(world.ports), number: number)
                present = present.filter { $0.value.position.devpath != moved.position.devpath }
                present[phone.udid] = moved
                lab.attach(moved)
            }
        }
        return present
    }

    /// The facts that stay: those of one phone in their order, those of different phones and kinds in any.
    private func settle(
        _ world: World, after noise: [UDID: USBDevice], _ lab: inout Scenario, _ random: inout RandomInputs
    ) {
        var queues: [[Input]] = []
        for phone in world.phones {
            let left = noise[phone.udid].map { [Input.deviceDetached($0.position)] } ?? []
            queues.append(left + (phone.device.map { [.deviceAttached($0), .deviceAttached($0)] } ?? []))
            queues.append([.healthReported(phone.udid, random.verdict()), .healthReported(phone.udid, phone.verdict)])
            guard phone.isLeased else { continue }
            let request = SessionRequest(
                id: SessionID("on \(phone.udid)"), target: .device(phone.udid), owner: "ci", startedBy: "user ci",
                timeToLive: .seconds(9_000), longest: .seconds(9_000), isForced: true)
            let start = Input.sessionRequested(request)
            queues.append([start, .sessionHeartbeat(request.id), start])
        }
        while let index = queues.indices.filter({ !queues[$0].isEmpty }).randomElement(using: &random.random) {
            lab.wait(random.pick([.zero, .zero, random.pause()]))
            lab.handle(queues[index].removeFirst())
        }
        if Bool.random(using: &random.random) { lab.handle(.snapshotTaken(world.phones.compactMap(\.device))) }
        lab.wait(.seconds(120))
    }

    private func outcome(_ world: World, _ lab: Scenario) -> [String] {
        world.phones.map { phone in
            let record = lab.tracker.devices[phone.udid]?.record
            return "\(phone.udid) \(record?.reported ?? .unplugged) \(record?.reason?.rawValue ?? "")"
        }
    }

    /// The five rules, by hand.
    private func expected(_ world: World) -> [String] {
        world.phones.map { phone in
            guard let device = phone.device, let seen = Recognition(device, rules: DetectionRules()) else {
                return "\(phone.udid) unplugged "
            }
            let verdict =
                seen.mode.reason.map(Verdict.notReady)
                ?? (world.sensed.contains(seen.platform) ? phone.verdict : .ready)
            return switch verdict {
            case .notReady(let reason): "\(phone.udid) offline \(reason)"
            case .ready, .unknown, .missing, .unsensed: "\(phone.udid) \(phone.isLeased ? "utilizing" : "online") "
            }
        }
    }
}
