import Core
import Testing

/// The derivation of the status: the first of DESIGN's five rules that matches.
struct StatusRuleTests {
    static let presences: [Presence] = [.unconfirmed, .present, .leaving(until: .start), .absent]
    static let verdicts: [Verdict] = [.unknown, .missing(.adbMissing), .ready] + Reason.allCases.map(Verdict.notReady)
    static let reported: [Status?] = [nil] + Status.allCases

    private func all(_ presence: Presence, _ verdict: Verdict, _ expected: (Bool, Status?) -> Status?) {
        for isUtilizing in [false, true] {
            for last in Self.reported {
                let status = Status(
                    presence: presence, health: verdict, isUtilizing: isUtilizing, lastReported: last)
                #expect(status == expected(isUtilizing, last), "\(isUtilizing) \(String(describing: last))")
            }
        }
    }

    @Test(arguments: verdicts) func absent_isUnplugged_whateverElse(_ verdict: Verdict) {
        all(.absent, verdict) { _, _ in .unplugged }
    }

    @Test(arguments: verdicts) func absent_isOffline_whenThatWasExpected_andItWasThere(_ verdict: Verdict) {
        for last in Self.reported {
            let status = Status(
                presence: .absent, health: verdict, isUtilizing: true, lastReported: last, isAbsenceExpected: true)
            #expect(status == (last == nil || last == .unplugged ? .unplugged : .offline))
        }
    }

    @Test(arguments: presences[0...2]) func expectation_meansNothing_unlessThePhoneIsAway(_ presence: Presence) {
        for verdict in Self.verdicts {
            for last in Self.reported {
                let statuses = [false, true].map {
                    Status(
                        presence: presence, health: verdict, isUtilizing: false, lastReported: last,
                        isAbsenceExpected: $0)
                }
                #expect(statuses[0] == statuses[1])
            }
        }
    }

    @Test(arguments: verdicts) func unconfirmed_keepsTheLast_whateverElse(_ verdict: Verdict) {
        all(.unconfirmed, verdict) { _, last in last }
    }

    @Test(arguments: presences[1...2]) func present_keepsTheLast_whenHealthIsUnknown(_ presence: Presence) {
        all(presence, .unknown) { _, last in last }
    }

    @Test(arguments: presences[1...2], Reason.allCases)
    func present_isOffline_whenNotReady(_ presence: Presence, _ reason: Reason) {
        all(presence, .notReady(reason)) { _, _ in .offline }
    }

    @Test(arguments: presences[1...2]) func present_isUtilizingOrOnline_whenReady(_ presence: Presence) {
        all(presence, .ready) { isUtilizing, _ in isUtilizing ? .utilizing : .online }
    }

    // MARK: - The event rule

    @Test(arguments: reported, Status.allCases) func eventRule_looksAtNothingElse(_ last: Status?, _ new: Status) {
        let rule = EventRule(lastReported: last, new: new)
        switch (last, new) {
        case (.utilizing?, .online), (nil, .unplugged): #expect(rule == .silent)
        case (.online?, .online), (.offline?, .offline), (.utilizing?, .utilizing), (.unplugged?, .unplugged):
            #expect(rule == .nothing)
        default: #expect(rule == .delivered)
        }
    }

    @Test(arguments: [
        (Status.online, "device.status.online", "Online"), (.offline, "device.status.offline", "Offline"),
        (.utilizing, "device.state.utilizing", "Utilizing"), (.unplugged, "device.state.unplugged", "Unplugged"),
    ])
    func words_areTheSpecs(_ status: Status, _ activity: String, _ description: String) {
        #expect(status.eventActivity == activity && status.eventDescription == description)
    }
}
