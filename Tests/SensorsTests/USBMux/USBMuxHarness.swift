import Core
import Glibc
import Linux
import Sensors
import TestSupport

/// Stands for the agent's loop: waits for the sensor's descriptor and deadline, really, and calls it.
///
/// Its clock is the real one plus what a test has skipped. The daemon is served in the same thread.
final class USBMuxHarness {
    struct TimedOut: Error, CustomStringConvertible { let description: String }

    let sensor: USBMuxSensor
    var daemon: ScriptedUSBMuxd?
    private(set) var reports: [SensorReport] = []
    /// Calls of `process`.
    private(set) var turns = 0
    private let directory: TemporaryDirectory
    let socket: String
    private var skipped = Duration.zero
    private let epoll: Epoll

    /// The socket's directory is made by `start`, or earlier by the test.
    init(hasDirectory: Bool = true) throws {
        directory = try TemporaryDirectory()
        socket = "\(directory.path)/run/usbmuxd"
        if hasDirectory { mkdir("\(directory.path)/run", 0o755) }
        sensor = try USBMuxSensor(address: USBMuxAddress(environment: [:], socket: socket))
        epoll = try Epoll()
        try epoll.watch(sensor.descriptor, for: .readable)
    }

    deinit { daemon?.end() }

    var now: MonotonicTime { .now() + skipped }
    var source: SensorSource { sensor.source }

    /// Starts a daemon; the one before has ended.
    @discardableResult func start() throws -> ScriptedUSBMuxd {
        mkdir("\(directory.path)/run", 0o755)
        let daemon = try ScriptedUSBMuxd(path: socket)
        self.daemon = daemon
        return daemon
    }

    /// What was said last of the phones, by serial.
    var verdicts: [String: Verdict] {
        Dictionary((last ?? []).map { ($0.serial, $0.verdict) }, uniquingKeysWith: { first, _ in first })
    }
    var last: [SensedPhone]? {
        reports.reversed().lazy.compactMap { if case .phones(let phones) = $0 { phones } else { nil } }.first
    }
    /// `found` and `lost`, in order.
    var link: [SensorReport] { reports.filter { if case .phones = $0 { false } else { true } } }

    func skip(_ duration: Duration) { skipped += duration }

    /// Goes to the moment at which the sensor has something to do again.
    func skipToDeadline() { if let deadline = sensor.nextDeadline { skip(max(deadline - now, .zero)) } }

    func turn() throws {
        turns += 1
        try daemon?.serve()
        reports += sensor.process(now: now)
    }

    /// Turns the loop until the fact is there; throws when it is not within 20 s.
    func run(until isThere: () -> Bool) throws {
        let end = MonotonicTime.now() + .seconds(20)
        try turn()
        while !isThere() {
            let left = end - .now()
            guard left > .zero else { throw TimedOut(description: "reports: \(reports)") }
            let due = sensor.nextDeadline.map { max($0 - now, .zero) } ?? left
            if let daemon { try epoll.watch(daemon.descriptor, for: .readable) }
            _ = try epoll.wait(timeout: min(due, left))
            try turn()
        }
    }

    /// Turns as long as either side has something to do at this moment, and proves by it that nothing more follows.
    func runUntilIdle() throws {
        if let daemon { try epoll.watch(daemon.descriptor, for: .readable) }
        repeat {
            try turn()
        } while try !epoll.wait(timeout: .zero).isEmpty || (sensor.nextDeadline ?? now + .seconds(1)) <= now
    }
}
