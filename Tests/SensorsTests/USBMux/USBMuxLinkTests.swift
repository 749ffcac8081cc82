import Core
import Glibc
import Sensors
import Testing

/// usbmuxd comes and goes.
struct USBMuxLinkTests {
    @Test(arguments: [true, false])
    func usbmuxd_isFound_whenItsSocketAppears(hasDirectory: Bool) throws {
        let host = try USBMuxHarness(hasDirectory: hasDirectory)
        try host.runUntilIdle()
        // Nothing is told and nothing waited for: no polling.
        #expect(host.reports == [] && host.sensor.nextDeadline == nil)
        try host.start().attach(1, "A")
        try host.run { host.verdicts == ["A": .notReady(.untrusted)] }
        #expect(host.link == [.found(host.source)])
    }

    /// Debian's: it ends with the last iPhone, and the next one starts it. Then its ids begin from 1 again.
    @Test func ids_meanNothing_whenUsbmuxdHasComeBack() throws {
        let host = try USBMuxHarness()
        let first = try host.start()
        first.records = ["A"]
        first.attach(1, "A")
        first.attach(2, "B")
        try host.run { host.verdicts == ["A": .ready, "B": .notReady(.untrusted)] }
        first.end()
        try host.run { host.link.count == 2 }
        #expect(host.link[1] == .lost(host.source, why: "usbmuxd has ended"))
        // What was said stands.
        #expect(host.reports.last == host.link[1])
        try host.run { host.sensor.nextDeadline == nil }
        let second = try host.start()
        second.attach(1, "B")
        second.detach(2)
        try host.run { host.verdicts == ["B": .notReady(.untrusted)] }
        #expect(host.link.count == 3)
    }

    @Test func lastDetach_isToldBeforeTheEnd() throws {
        let host = try USBMuxHarness()
        let daemon = try host.start()
        daemon.attach(1, "A")
        try host.run { host.verdicts == ["A": .notReady(.untrusted)] }
        daemon.detach(1)
        daemon.end()
        try host.run { host.link.count == 2 }
        #expect(host.reports.suffix(2) == [.phones([]), .lost(host.source, why: "usbmuxd has ended")])
    }

    @Test func socketLeftBehind_isTriedMoreAndMoreSeldom() throws {
        let host = try USBMuxHarness()
        try host.start().end(leavingFile: true)
        try host.runUntilIdle()
        for _ in 0..<12 {
            host.skipToDeadline()
            try host.turn()
        }
        let due = try #require(host.sensor.nextDeadline)
        #expect(due - host.now > .seconds(10) && host.reports == [])
        unlink(host.socket)
        try host.start()
        try host.run { host.link == [.found(host.source)] }
    }

    @Test func absence_isTold_whenAPhoneWaitsForTenSeconds() throws {
        let host = try USBMuxHarness()
        try host.runUntilIdle()
        host.sensor.expectPhone(now: host.now)
        host.skip(.seconds(9))
        try host.runUntilIdle()
        #expect(host.reports == [])
        host.skip(.seconds(1))
        try host.runUntilIdle()
        #expect(host.reports == [.lost(host.source, why: "usbmuxd does not run")])
        host.sensor.expectPhone(now: host.now)
        host.skip(.seconds(60))
        try host.runUntilIdle()
        #expect(host.reports.count == 1)
        try host.start()
        try host.run { host.link.last == .found(host.source) }
    }

    @Test func absence_isNotTold_whenUsbmuxdComesOrThePhoneGoes() throws {
        let host = try USBMuxHarness()
        host.sensor.expectPhone(now: host.now)
        host.sensor.expectNoPhone()
        host.skip(.seconds(20))
        try host.runUntilIdle()
        host.sensor.expectPhone(now: host.now)
        try host.start()
        try host.run { host.link.count == 1 }
        host.skip(.seconds(20))
        try host.runUntilIdle()
        #expect(host.link == [.found(host.source)])
    }

    @Test func usbmuxd_isLeft_whenItRefusesOrSaysNothing() throws {
        let host = try USBMuxHarness()
        let daemon = try host.start()
        daemon.listenResult = 1
        try host.runUntilIdle()
        #expect(host.reports == [] && daemon.requests == ["Listen"])
        host.sensor.expectPhone(now: host.now)
        for _ in 0..<8 {
            host.skip(.seconds(3))
            try host.runUntilIdle()
        }
        #expect(host.link == [.lost(host.source, why: "usbmuxd refuses to be listened to, result 1")])
        daemon.listenResult = 0
        host.skip(.seconds(30))
        try host.run { host.link.last == .found(host.source) }
    }
}
