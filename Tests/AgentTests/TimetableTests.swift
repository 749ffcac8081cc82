import Core
import Testing

@testable import Agent

@Suite struct TimetableTests {
    private let start = MonotonicTime(nanoseconds: 1_000)

    @Test func reconcile_isDueOncePerInterval() {
        var timetable = Timetable(reconcileInterval: .seconds(30), watchdogInterval: nil, now: start)
        #expect(timetable.nextDeadline == start + .seconds(30))
        let due = [29, 30, 31].map { timetable.reconcileIsDue(start + .seconds($0)) }
        #expect(due == [false, true, false])
        #expect(timetable.nextDeadline == start + .seconds(60))
    }

    @Test func reconcile_isDueByTheNewInterval_fromTheMomentItIsSet() {
        var timetable = Timetable(reconcileInterval: .seconds(3600), watchdogInterval: nil, now: start)
        timetable.reconcile(every: .seconds(10), now: start + .seconds(5))
        #expect(timetable.nextDeadline == start + .seconds(15))
        let due = [14, 15, 16, 25].map { timetable.reconcileIsDue(start + .seconds($0)) }
        #expect(due == [false, true, false, true])
    }

    @Test func watchdog_isNeverDue_whereNobodyWatches() {
        var timetable = Timetable(reconcileInterval: .seconds(30), watchdogInterval: nil, now: start)
        let isDue = timetable.watchdogIsDue(start + .seconds(3600))
        #expect(!isDue)
    }

    @Test func watchdog_isDueAtOnce_thenAtHalfOfWhatTheManagerAllows() {
        let service = ServiceNotification(environment: ["WATCHDOG_USEC": "2000000"])
        #expect(service.watchdogInterval == .seconds(1))
        var timetable = Timetable(
            reconcileInterval: .seconds(30), watchdogInterval: service.watchdogInterval, now: start)
        let due = [0, 0, 1].map { timetable.watchdogIsDue(start + .seconds($0)) }
        #expect(due == [true, false, true])
        #expect(timetable.nextDeadline == start + .seconds(2))
    }

    @Test(arguments: ["", "0", "x", "-5"])
    func aWatchdogThatMakesNoSense_isNone(_ microseconds: String) {
        #expect(ServiceNotification(environment: ["WATCHDOG_USEC": microseconds]).watchdogInterval == nil)
    }

    @Test func aWatchdogForAnotherProcess_isNone() {
        let environment = ["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"]
        #expect(ServiceNotification(environment: environment).watchdogInterval == nil)
    }
}
