import Core
import Testing

/// Verdicts from what the sensors say and what hangs on USB.
@Suite struct SensorBoardTests {
    let adb = SensorSource.adb(server: "127.0.0.1:5037")
    let other = SensorSource.adb(server: "127.0.0.1:5038")
    let usbmuxd = SensorSource.usbmuxd(socket: "/run/usbmuxd")
    let start = MonotonicTime(nanoseconds: 1_000_000_000)

    func board(_ rules: SensorBoard.Rules = SensorBoard.Rules(), found: SensorSource...) -> SensorBoard {
        var board = SensorBoard(rules: rules)
        board.use([adb, other, usbmuxd], at: start)
        for source in found { board.take(.found(source), from: source, at: start) }
        return board
    }

    func phone(
        _ udid: String, port: String = "1-1", device: Int = 5, platform: Platform = .android, hasOwnSerial: Bool = true,
        isReachable: Bool = true, reported: Status? = .online
    ) -> PresentPhone {
        PresentPhone(
            udid: UDID(udid), platform: platform,
            position: USBPosition(devpath: "/devices/usb1/\(port)", bus: 1, number: device), port: PortPath(port),
            hasOwnSerial: hasOwnSerial, isReachable: isReachable, reported: reported)
    }

    func sensed(
        _ serial: String, at place: SensedPhone.Place? = nil, _ verdict: Verdict, by source: SensorSource? = nil,
        facts: PhoneFacts? = nil
    ) -> SensedPhone {
        SensedPhone(source: source ?? adb, place: place, serial: serial, verdict: verdict, facts: facts)
    }

    func verdict(_ board: SensorBoard, _ phone: PresentPhone, among others: [PresentPhone] = []) -> Verdict? {
        board.verdicts(of: [phone] + others, at: start)[phone.udid]
    }

    // MARK: - By which name

    @Test func phone_IsFoundByTheNameThatItsSensorHasForIt() {
        var board = board(found: adb)
        let own = phone("A")
        let nameless = phone("bench-7", port: "1-2", device: 6, hasOwnSerial: false)
        board.take(
            .phones([
                sensed("A", at: .port(PortPath("1-1")), .ready),
                sensed("0123456789ABCDEF", at: .port(PortPath("1-2")), .ready),
                sensed("elsewhere", .ready),
            ]), from: adb, at: start)
        #expect(board.phone(called: "A", among: [own, nameless]) == UDID("A"))
        #expect(board.phone(called: "0123456789ABCDEF", among: [own, nameless]) == UDID("bench-7"))
        #expect(board.phone(called: "elsewhere", among: [own, nameless]) == nil)
        #expect(board.phone(called: "bench-7", among: [own, nameless]) == nil)
    }

    /// Two that tell the same serial: which of them is meant nobody knows.
    @Test func phone_ThatSharesItsName_IsNotGuessed() {
        var board = board(found: adb)
        let phones = [
            phone("port-1", hasOwnSerial: false), phone("port-2", port: "1-2", device: 6, hasOwnSerial: false),
        ]
        board.take(
            .phones([
                sensed("0123456789ABCDEF", at: .port(PortPath("1-1")), .ready),
                sensed("0123456789ABCDEF", at: .port(PortPath("1-2")), .ready),
            ]), from: adb, at: start)
        #expect(board.phone(called: "0123456789ABCDEF", among: phones) == nil)
    }

    // MARK: - Who is asked

    @Test func auto_asksOnlyWhereASensorWasSeen_alsoBeforeThisStart() {
        #expect(board().sensed.isEmpty)
        #expect(board(found: adb).sensed == [.android])
        #expect(board(found: adb).seen == [.android])
        #expect(SensorBoard(seen: [.ios]).sensed == [.ios])
        #expect(verdict(board(found: adb), phone("A", platform: .ios)) == nil, "each platform for itself")
    }

    @Test func onAndOff_areObeyed() {
        var rules = SensorBoard.Rules()
        rules.modes = [.android: .off, .ios: .on]
        #expect(board(rules, found: adb).sensed == [.ios])
    }

    @Test func sourceThatIsNotAsked_isNotHeard() {
        var board = board(found: adb)
        board.take(.phones([sensed("A", .ready)]), from: adb, at: start)
        board.use([usbmuxd], at: start)
        board.take(.phones([sensed("A", .ready)]), from: adb, at: start)
        #expect(verdict(board, phone("A")) == .missing(.adbMissing))
    }

    // MARK: - Who is in use

    @Test func phonesInUse_areFound_asVerdictsAre() {
        var board = board(found: adb, other)
        let here = sensed("A", at: .port(PortPath("1-1")), .ready)
        let unplaced = sensed("B", .notReady(.recovery))
        let idle = sensed("C", at: .port(PortPath("1-3")), .ready)
        board.take(.phones([here, unplaced, idle]), from: adb, at: start)
        let phones = [
            phone("A", port: "1-1", reported: .utilizing), phone("B", port: "1-2", reported: .utilizing),
            phone("C", port: "1-3"),
        ]
        #expect(board.utilized(among: phones, by: adb) == [here.identity, unplaced.identity])
        #expect(board.utilized(among: phones, by: other) == [])
        #expect(board.utilized(among: [phone("A", port: "1-1", reported: .offline)], by: adb) == [])
    }

    /// Each server is asked by itself: the one that knows no ports is not to disturb the phone either.
    @Test func phoneInUse_isFoundAtEachServer() {
        var board = board(found: adb, other)
        let placed = sensed("A", at: .port(PortPath("1-1")), .ready)
        let unplaced = sensed("A", .ready, by: other)
        board.take(.phones([placed]), from: adb, at: start)
        board.take(.phones([unplaced]), from: other, at: start)
        let phones = [phone("A", port: "1-1", reported: .utilizing)]
        #expect(board.utilized(among: phones, by: adb) == [placed.identity])
        #expect(board.utilized(among: phones, by: other) == [unplaced.identity])
    }

    // MARK: - Whose verdict it is

    @Test func place_goesBeforeSerial() {
        var board = board(found: adb)
        board.take(
            .phones([
                sensed("A", at: .port(PortPath("1-2")), .ready),
                sensed("A", at: .port(PortPath("1-1")), .notReady(.unauthorized)),
            ]), from: adb, at: start)
        #expect(verdict(board, phone("A", port: "1-1")) == .notReady(.unauthorized))
        #expect(verdict(board, phone("A", port: "1-2")) == .ready)
    }

    @Test func serial_tells_whereNoPlaceDoes_andAfterAMove() {
        var board = board(found: adb)
        board.take(
            .phones([sensed("A", .notReady(.recovery)), sensed("B", at: .port(PortPath("1-7")), .ready)]), from: adb,
            at: start)
        #expect(verdict(board, phone("A")) == .notReady(.recovery))
        #expect(verdict(board, phone("B", port: "1-2")) == .ready)
    }

    /// adb still lists the phone that hung on this port before: its verdict is not the new one's.
    @Test func phoneThatWasThereBefore_speaksForNobodyElse() {
        var board = board(found: adb)
        board.take(.phones([sensed("A", at: .port(PortPath("1-1")), .ready)]), from: adb, at: start)
        let moved = phone("A", port: "1-2")
        #expect(verdict(board, phone("B", port: "1-1"), among: [moved]) == .missing(.adbMissing))
        #expect(verdict(board, moved) == .ready)
    }

    @Test func phoneThatGoesByItsPort_isFoundByIt() {
        var board = board(found: adb)
        board.take(.phones([sensed("????", at: .port(PortPath("1-1")), .ready)]), from: adb, at: start)
        #expect(verdict(board, phone("bench-7", hasOwnSerial: false)) == .ready)
        #expect(verdict(board, phone("bench-8", port: "1-9", hasOwnSerial: false)) == .missing(.adbMissing))
    }

    @Test func iphone_isFoundByItsAddressOnTheBus() {
        var board = board(found: usbmuxd)
        let udid = "00008030-001A2D3E4F50601E"
        board.take(
            .phones([sensed(udid, at: .bus(1, device: 5), .notReady(.untrusted), by: usbmuxd)]), from: usbmuxd,
            at: start)
        #expect(verdict(board, phone(udid, platform: .ios)) == .notReady(.untrusted))
    }

    @Test func phoneThatAnyServerCanUse_isUsable() {
        var board = board(found: adb, other)
        board.take(.phones([sensed("A", .notReady(.noPermissions))]), from: adb, at: start)
        board.take(.phones([sensed("A", .ready, by: other)]), from: other, at: start)
        #expect(verdict(board, phone("A")) == .ready)
    }

    @Test func phoneThatIsNotListed_isMissing_orHasNothingToTalkTo() {
        let board = board(found: adb)
        #expect(verdict(board, phone("A")) == .missing(.adbMissing))
        #expect(verdict(board, phone("A", isReachable: false)) == .notReady(.noDebugInterface))
    }

    // MARK: - Loss

    @Test func lossOfASensor_isTheLossOfNoPhone() {
        var board = board(found: adb)
        board.take(.phones([sensed("A", .ready), sensed("B", .notReady(.unauthorized))]), from: adb, at: start)
        board.take(.lost(adb, why: "it closed the connection"), from: adb, at: start)
        board.take(.lost(other, why: "it refuses"), from: other, at: start)
        #expect(verdict(board, phone("A")) == .ready)
        #expect(verdict(board, phone("B")) == .notReady(.unauthorized))
        #expect(board.loss(of: .android)?.since == start)
        #expect(board.nextDeadline(after: start) == nil)
    }

    @Test func platform_isBlindOnlyWhenAllItsSourcesAreAway() {
        var board = board(found: adb, other)
        board.take(.lost(adb, why: "gone"), from: adb, at: start)
        #expect(board.loss(of: .android) == nil)
        board.take(.lost(other, why: "gone, too"), from: other, at: start + .seconds(3))
        let loss = board.loss(of: .android)
        #expect(loss?.since == start + .seconds(3))
        #expect(loss?.why == "gone, too")
    }

    /// The agent was restarted while adb is away: what was told before stands, and what is new is told in the end.
    @Test func whatWasToldBefore_stands_whileNobodyCanSay() {
        let board = SensorBoard(seen: [.android])
        var asked = board
        asked.use([adb], at: start)
        #expect(verdict(asked, phone("A", reported: .online)) == .unsensed)
        #expect(verdict(asked, phone("A", reported: .offline)) == .unsensed)
        #expect(verdict(asked, phone("A", reported: .unplugged)) == .missing(.adbServerDown))
        #expect(verdict(asked, phone("A", reported: nil)) == .missing(.adbServerDown))
    }

    @Test func offlineOnLoss_comesAfterTheGrace_andEndsWithTheReturn() {
        var rules = SensorBoard.Rules()
        rules.onLoss = .offline
        rules.grace = .seconds(15)
        var board = board(rules, found: adb)
        board.use([adb], at: start)
        board.take(.phones([sensed("A", .ready)]), from: adb, at: start)
        board.take(.lost(adb, why: "gone"), from: adb, at: start)
        // Told again and again while it is looked for: the grace goes on.
        board.take(.lost(adb, why: "gone"), from: adb, at: start + .seconds(9))
        #expect(board.nextDeadline(after: start) == start + .seconds(15))
        #expect(board.verdicts(of: [phone("A")], at: start + .seconds(14)) == [UDID("A"): .ready])
        #expect(board.verdicts(of: [phone("A")], at: start + .seconds(15)) == [UDID("A"): .notReady(.adbServerDown)])
        board.take(.found(adb), from: adb, at: start + .seconds(20))
        board.take(.phones([sensed("A", .ready)]), from: adb, at: start + .seconds(20))
        #expect(board.verdicts(of: [phone("A")], at: start + .seconds(20)) == [UDID("A"): .ready])
    }

    @Test func facts_areThePhones() {
        var board = board(found: adb)
        let facts = PhoneFacts(name: "Galaxy Note 8", model: "SM-N950F", osVersion: "9")
        board.take(.phones([sensed("A", .ready, facts: facts), sensed("B", .ready)]), from: adb, at: start)
        #expect(board.facts(of: [phone("A"), phone("B", port: "1-2")]) == [UDID("A"): facts])
    }
}
