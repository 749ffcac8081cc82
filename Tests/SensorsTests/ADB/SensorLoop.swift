import Core
import Linux

@testable import Sensors

/// Stands for the agent's loop: waits for the sensor's descriptor and deadline, really, and calls it; turns the server, too.
///
/// Its clock is the real one plus what a test has skipped, so that ten seconds of back-off take no time.
final class SensorLoop {
    struct TimedOut: Error {}

    let sensor: ADBSensor
    var server: ScriptedADBServer?
    private(set) var reports: [SensorReport] = []
    private var skipped = Duration.zero

    init(_ sensor: ADBSensor, _ server: ScriptedADBServer?) {
        self.sensor = sensor
        self.server = server
    }

    var now: MonotonicTime { .now() + skipped }

    /// The last list told.
    var phones: [SensedPhone]? {
        for case .phones(let phones) in reports.reversed() { return phones }
        return nil
    }

    var losses: Int {
        reports.count { report in
            if case .lost = report { true } else { false }
        }
    }

    func skip(_ duration: Duration) { skipped += duration }

    /// Goes to the moment at which the sensor has something to do again.
    func skipToDeadline() {
        if let deadline = sensor.nextDeadline { skip(max(deadline - now, .zero)) }
    }

    /// One call, without waiting.
    func turn() throws {
        reports += sensor.process(now: now)
        try server?.process()
    }

    /// Whether the descriptor asks for a turn.
    func isCalled() throws -> Bool {
        let epoll = try Epoll()
        try epoll.watch(sensor.descriptor, for: .readable)
        return try !epoll.wait(timeout: .zero).isEmpty
    }

    /// Turns the loop until the fact is there; throws when it is not within 20 s.
    func run(until isThere: () -> Bool) throws {
        let end = MonotonicTime.now() + .seconds(20)
        try turn()
        while !isThere() {
            let left = end - .now()
            guard left > .zero else { throw TimedOut() }
            let epoll = try Epoll()
            try epoll.watch(sensor.descriptor, for: .readable)
            if let server { try epoll.watch(server.descriptor, for: .readable) }
            let due = sensor.nextDeadline.map { max($0 - now, .zero) } ?? left
            _ = try epoll.wait(timeout: min(due, left))
            try turn()
        }
    }
}
