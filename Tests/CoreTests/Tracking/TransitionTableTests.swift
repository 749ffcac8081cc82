import Core
import Testing

/// Every cell of the transition table: from each reported status, each input.
struct TransitionTableTests {
    enum From: String, CaseIterable { case neverSeen, unplugged, offline, online, utilizing }
    enum Cause: String, CaseIterable { case usbGone, notReady, ready, sessionStarts, lastSessionEnds }

    struct Cell: CustomTestStringConvertible {
        let from: From
        let cause: Cause
        let answers: [String]
        var testDescription: String { "\(from) × \(cause)" }
        init(_ from: From, _ cause: Cause, _ answers: [String]) {
            (self.from, self.cause, self.answers) = (from, cause, answers)
        }
    }

    static let table: [Cell] = [
        Cell(.neverSeen, .usbGone, ["A unplugged, silent"]),
        Cell(.neverSeen, .notReady, ["A offline (noDebugInterface)"]),
        Cell(.neverSeen, .ready, ["A online"]),
        Cell(.neverSeen, .sessionStarts, ["session s accepted"]),
        Cell(.neverSeen, .lastSessionEnds, []),

        Cell(.unplugged, .usbGone, []),
        Cell(.unplugged, .notReady, ["A offline (noDebugInterface)"]),
        Cell(.unplugged, .ready, ["A online"]),
        Cell(.unplugged, .sessionStarts, ["session s refused: not present"]),
        Cell(.unplugged, .lastSessionEnds, []),

        Cell(.offline, .usbGone, ["A unplugged"]),
        Cell(.offline, .notReady, []),
        Cell(.offline, .ready, ["A online"]),
        Cell(
            .offline, .sessionStarts,
            ["look again at A", "session s waits as 1", "session s refused: bootloader"]),
        Cell(.offline, .lastSessionEnds, []),

        Cell(.online, .usbGone, ["A unplugged"]),
        Cell(.online, .notReady, ["A offline (noDebugInterface)"]),
        Cell(.online, .ready, []),
        Cell(.online, .sessionStarts, ["session s accepted", "A utilizing"]),
        Cell(.online, .lastSessionEnds, []),

        Cell(.utilizing, .usbGone, ["A unplugged", "session 0 ended: deviceUnplugged"]),
        Cell(.utilizing, .notReady, ["A offline (noDebugInterface)"]),
        Cell(.utilizing, .ready, []),
        Cell(.utilizing, .sessionStarts, ["session s accepted"]),
        Cell(.utilizing, .lastSessionEnds, ["session 0 ended: released", "A online, silent"]),
    ]

    private let phone = USBDevice.android("A")

    @Test func table_isComplete() {
        let cells = Set(Self.table.map(\.testDescription))
        #expect(cells.count == Self.table.count && cells.count == From.allCases.count * Cause.allCases.count)
    }

    @Test(arguments: table) func cell_tellsWhatTheTableSays(_ cell: Cell) {
        var lab = scenario(from: cell.from)
        apply(cell.cause, to: &lab)
        #expect(lab.answers() == cell.answers)
    }

    private func scenario(from: From) -> Scenario {
        var lab = Scenario(listed: [ListedDevice(udid: "A")], sensed: [.android])
        switch from {
        case .neverSeen: break
        case .unplugged:
            lab.snapshot()
            lab.wait(.seconds(10))
        case .offline:
            lab.attach(phone)
            lab.hear(.notReady(.bootloader), of: "A")
            lab.wait(.seconds(5))
        case .online:
            lab.attach(phone)
            lab.hear(.ready, of: "A")
        case .utilizing:
            lab.attach(phone)
            lab.hear(.ready, of: "A")
            lab.start("0", on: "A")
        }
        _ = lab.answers()
        return lab
    }

    private func apply(_ cause: Cause, to lab: inout Scenario) {
        switch cause {
        case .usbGone:
            lab.detach(phone)
            lab.snapshot()
            lab.wait(.seconds(6))
        case .notReady:
            lab.attach(phone)
            lab.hear(.notReady(.noDebugInterface), of: "A")
            lab.wait(.seconds(6))
        case .ready:
            lab.attach(phone)
            lab.hear(.ready, of: "A")
            lab.wait(.seconds(6))
        case .sessionStarts:
            lab.start("s", on: "A")
            // For a second look, which says nothing new here.
            lab.wait(.seconds(2))
        case .lastSessionEnds: lab.end("0")
        }
    }

    // MARK: - What a cell says besides

    @Test func neverSeen_isUtilizing_whenReadyAndLeased() {
        var lab = scenario(from: .neverSeen)
        lab.start("s", on: "A")
        apply(.ready, to: &lab)
        #expect(lab.told() == ["A utilizing"])
    }

    @Test func unplugged_isUtilizing_whenReadyAndALeaseSurvived() {
        var lab = Scenario.running(sensed: [.android], unplugGrace: .seconds(60))
        lab.attach(phone)
        lab.hear(.ready, of: "A")
        lab.start("s", on: "A")
        apply(.usbGone, to: &lab)
        #expect(lab.answers() == ["A online", "session s accepted", "A utilizing", "A unplugged"])
        apply(.ready, to: &lab)
        #expect(lab.answers() == ["A utilizing"])
    }

    @Test func offline_isUtilizing_whenForcedAndReadyLater() {
        var lab = scenario(from: .offline)
        lab.start("s", on: "A", force: true)
        #expect(lab.answers() == ["session s accepted"])
        apply(.ready, to: &lab)
        #expect(lab.answers() == ["A utilizing"])
    }

    /// The agent probes again before it asks; the probe's `ready` still waits for its hold.
    @Test func offline_acceptsSession_whenTheProbeSaysReady() {
        var lab = scenario(from: .offline)
        lab.hear(.ready, of: "A")
        lab.start("s", on: "A")
        lab.wait(.seconds(1))
        #expect(lab.answers() == ["session s accepted", "A utilizing"])
    }

    @Test func offline_showsTheNewReasonWithoutEvent_whenItChanges() {
        var lab = scenario(from: .offline)
        apply(.notReady, to: &lab)
        #expect(lab.record(of: "A")?.reason == .noDebugInterface)
        #expect(lab.told() == [])
    }

    @Test func utilizing_comesBackFromOffline_whenItsSessionLives() {
        var lab = scenario(from: .utilizing)
        apply(.notReady, to: &lab)
        apply(.ready, to: &lab)
        #expect(lab.answers() == ["A offline (noDebugInterface)", "A utilizing"])
    }

    @Test func online_isTold_whenTheSessionEndedWhileOffline() {
        var lab = scenario(from: .utilizing)
        apply(.notReady, to: &lab)
        apply(.lastSessionEnds, to: &lab)
        apply(.ready, to: &lab)
        #expect(lab.answers() == ["A offline (noDebugInterface)", "session 0 ended: released", "A online"])
    }
}
