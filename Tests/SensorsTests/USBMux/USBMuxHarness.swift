import Core
import Glibc
import Linux
import Sensors
import TestSupport

/// Stands for the agent's loop: calls the sensor while it has something to do, and the daemon, in the same thread.
///
/// Its clock stands still but for what a test skips, and goes to the sensor's deadline when nothing else is left to do: a
/// machine that is slow changes nothing.
final class USBMuxHarness {
    struct TimedOut: Error, CustomStringConvertible { let description: String }

    let sensor: USBMuxSensor
    var daemon: ScriptedUSBMuxd?
    private(set) var reports: [SensorReport] = []
    /// Calls of `process`.
    private(set) var turns = 0
    private let directory: TemporaryDirectory
    let socket: String
    private(set) var now = MonotonicTime.now()
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

    func skip(_ duration: Duration) { now = now + duration }

    /// Goes to the moment at which the sensor has something to do again.
    func skipToDeadline() { if let deadline = sensor.nextDeadline { skip(max(deadline - now, .zero)) } }

    func turn() throws {
        turns += 1
        try daemon?.serve()
        reports += sensor.process(now: now)
    }

    /// Turns the loop until the fact is there; throws when it cannot come any more, or does not within 20 s.
    func run(until isThere: () -> Bool) throws {
        let end = MonotonicTime.now() + .seconds(20)
        try turn()
        while !isThere() {
            if let daemon { try epoll.watch(daemon.descriptor, for: .readable) }
            if try epoll.wait(timeout: .zero).isEmpty {
                guard sensor.nextDeadline != nil, end > .now() else {
                    throw TimedOut(description: "reports: \(reports)")
                }
                skipToDeadline()
            }
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
