import Core
import Linux
import Testing

@testable import Sensors

@Suite struct ADBSensorTests {
    private typealias Request = ScriptedADBServer.Request
    private typealias Answer = ScriptedADBServer.Answer

    /// A server with this list, whose phones answer with their number as model.
    private static func answer(_ request: Request, list: String, hanging: Set<String> = [], boot: String = "1")
        -> Answer
    {
        if request.text == "host:track-devices-l" {
            return .bytes("OKAY" + String(decoding: frame(list), as: UTF8.self))
        }
        if request.text == "host:devices-l" {
            return .bytesThenClose("OKAY" + String(decoding: frame(list), as: UTF8.self))
        }
        if request.text.hasPrefix("host:transport-id:") { return .bytes("OKAY") }
        guard request.text.hasPrefix("shell:"), let number = request.before?.split(separator: ":").last else {
            return .bytesThenClose("FAIL0000")
        }
        if hanging.contains(String(number)) { return .silence }
        return .bytesThenClose("OKAY\n\n\n\n\n\nModel \(number)\n14\n\(boot)\n")
    }

    private func loop(
        requireBootCompleted: Bool = false, liveness: Duration? = nil, _ script: @escaping (Request) -> Answer
    ) throws -> SensorLoop {
        let server = try ScriptedADBServer(script)
        let sensor = try ADBSensor(
            server: server.address, requireBootCompleted: requireBootCompleted, liveness: liveness,
            random: MiddleGenerator())
        return SensorLoop(sensor, server)
    }

    private func phone(_ loop: SensorLoop, _ serial: String, _ verdict: Verdict, model: String? = nil) -> SensedPhone {
        SensedPhone(
            source: loop.sensor.source, place: .port(PortPath("1-4.2")), serial: serial, verdict: verdict,
            facts: model.map { PhoneFacts(name: $0, model: $0, osVersion: "14") })
    }

    @Test func firstList_isTold_andFactsFollow() throws {
        let loop = try loop { Self.answer($0, list: line("A", "device", number: 3)) }
        try loop.run { loop.phones?.first?.facts != nil }
        #expect(
            loop.reports == [
                .found(loop.sensor.source), .phones([phone(loop, "A", .ready)]),
                .phones([phone(loop, "A", .ready, model: "Model 3")]),
            ])
        #expect(
            loop.server?.requests.map(\.text) == [
                "host:track-devices-l", "host:transport-id:3", String(decoding: ADBProperties.request, as: UTF8.self),
            ])
        try loop.run { loop.server?.openConnections == [0] }
        // Nothing is to be done now, and none of it wakes the loop.
        #expect(try #require(loop.sensor.nextDeadline) - loop.now > .seconds(9))
        #expect(try !loop.isCalled())
    }

    @Test func changes_areTold_andTheSameIsNot() throws {
        let loop = try loop { Self.answer($0, list: "") }
        try loop.run { loop.phones != nil }
        let list = line("A", "unauthorized")
        loop.server?.send(frame(list), on: 0)
        try loop.run { loop.phones?.isEmpty == false }
        let before = loop.reports.count
        loop.server?.send(frame(list) + frame(list) + frame(line("A", "recovery")), on: 0)
        try loop.run { loop.phones?.first?.verdict == .notReady(.recovery) }
        loop.server?.send(frame(""), on: 0)
        try loop.run { loop.phones?.isEmpty == true }
        #expect(loop.reports.count == before + 2)
        #expect(loop.server?.requests.count == 1)
    }

    @Test func serverThatEnds_isLost_lookedFor_andFoundAgain() throws {
        let loop = try loop { Self.answer($0, list: line("A", "device", number: 3)) }
        try loop.run { loop.phones?.first?.facts != nil }
        let port = try #require(loop.server?.port)
        loop.server?.stop()
        try loop.run { loop.losses == 1 }
        for _ in 0..<8 {
            loop.skipToDeadline()
            try loop.turn()
        }
        #expect(loop.losses == 1)
        #expect(loop.phones?.count == 1)
        let before = loop.reports.count
        loop.server = try ScriptedADBServer(port: port) { Self.answer($0, list: line("B", "device", number: 1)) }
        loop.skipToDeadline()
        try loop.run { loop.phones?.first?.facts != nil && loop.reports.count > before }
        #expect(
            loop.reports.dropFirst(before) == [
                .found(loop.sensor.source), .phones([phone(loop, "B", .ready)]),
                .phones([phone(loop, "B", .ready, model: "Model 1")]),
            ])
    }

    /// The last word before the end counts, and is told before the loss.
    @Test func listBeforeTheEnd_isTold() throws {
        let loop = try loop { Self.answer($0, list: "") }
        try loop.run { loop.phones != nil }
        loop.server?.send(frame(line("A", "offline")), on: 0)
        loop.server?.stop()
        try loop.run { loop.losses == 1 }
        #expect(loop.reports.dropLast().last == .phones([phone(loop, "A", .notReady(.adbOffline))]))
    }

    @Test func refusal_isToldOnce() throws {
        let loop = try loop { Self.answer($0, list: "") }
        loop.server?.stop()
        try loop.run { loop.losses == 1 }
        #expect(loop.reports == [.lost(loop.sensor.source, why: "connect: Connection refused")])
        #expect(loop.sensor.totals.losses == 1)
    }

    @Test func silentServer_isLost_whenItsTimeIsUp() throws {
        let loop = try loop { _ in .silence }
        try loop.run { loop.server?.requests.count == 1 }
        loop.skip(.seconds(5))
        try loop.run { loop.losses == 1 }
        #expect(loop.reports == [.lost(loop.sensor.source, why: "it does not answer")])
        try loop.run { loop.server?.openConnections.isEmpty == true }
    }

    @Test func serverThatSpeaksSomethingElse_isDropped_andCounted() throws {
        let loop = try loop { _ in .bytes("HTTP/1.1 400 Bad Request\r\n\r\n") }
        try loop.run { loop.losses == 1 }
        #expect(loop.sensor.totals.malformed == 1)
        try loop.run { loop.server?.openConnections.isEmpty == true }
    }

    @Test func olderServer_isAskedForShortLists() throws {
        let loop = try loop { request in
            switch request.text {
            case "host:track-devices": .bytes("OKAY" + String(decoding: frame("A\tdevice\n"), as: UTF8.self))
            case "host:transport:A": .bytes("OKAY")
            case _ where request.text.hasPrefix("shell:"): .bytesThenClose("OKAY\n\n\n\n\n\nPixel 7\n14\n1\n")
            default: .bytesThenClose("FAIL0014unknown host service")
            }
        }
        try loop.run { loop.phones?.first?.facts?.model == "Pixel 7" }
        #expect(loop.phones?.first?.place == nil)
        #expect(loop.losses == 0)
    }

    /// Ten phones, of which three never say a word: the others' facts come without a deadline's passing.
    @Test func phonesThatHang_delayNobody() throws {
        let list = (0..<10).map { line("A\($0)", "device", port: "1-\($0 + 1)", number: $0) }.joined()
        let loop = try loop { Self.answer($0, list: list, hanging: ["0", "1", "2"]) }
        try loop.run { loop.phones?.count(where: { $0.facts != nil }) == 7 }
        #expect(loop.phones?.count(where: { $0.verdict == .ready }) == 10)
        #expect(loop.sensor.totals.unanswered == 0)
        loop.server?.send(frame(list + line("B", "device", number: 10)), on: 0)
        try loop.run { loop.phones?.last?.facts?.model == "Model 10" }
        loop.skip(.seconds(5))
        try loop.run { loop.sensor.totals.unanswered == 3 }
        #expect(loop.losses == 0)
    }

    /// adb 29 of Debian 12 does so when a phone's key is revoked, or was never accepted.
    @Test func stateThatNobodyTold_isSeenAtASecondLook() throws {
        var list = line("A", "offline")
        let loop = try loop { Self.answer($0, list: list) }
        try loop.run { loop.phones != nil }
        list = line("A", "unauthorized")
        loop.skip(.seconds(1))
        try loop.run { loop.phones?.first?.verdict == .notReady(.unauthorized) }
        try loop.run { loop.server?.openConnections == [0] }
        #expect(loop.losses == 0)
    }

    @Test func stateThatNobodyTold_isSeenAtOnce_whenSomebodyWantsToUseThePhone() throws {
        var list = line("A", "unauthorized")
        let loop = try loop { Self.answer($0, list: list) }
        try loop.run { loop.phones != nil }
        list = line("A", "device")
        loop.sensor.lookAgain(at: loop.now)
        try loop.run { loop.phones?.first?.verdict == .ready }
    }

    @Test func serverThatHangs_isLost_thoughItsConnectionIsOpen() throws {
        var hangs = false
        let loop = try loop { hangs ? .silence : Self.answer($0, list: line("A", "unauthorized")) }
        try loop.run { loop.phones != nil }
        hangs = true
        loop.skip(.seconds(30))
        try loop.run { loop.server?.requests.last?.text == "host:devices-l" }
        loop.skip(.seconds(5))
        try loop.run { loop.losses == 1 }
        #expect(loop.reports.last == .lost(loop.sensor.source, why: "it does not answer any more"))
        try loop.run { loop.server?.openConnections.isEmpty == true }
    }

    @Test func phoneThatLeaves_takesItsQuestionAlong() throws {
        let loop = try loop { Self.answer($0, list: line("A", "device", number: 3), hanging: ["3"]) }
        try loop.run { loop.server?.requests.count == 3 }
        loop.server?.send(frame(""), on: 0)
        try loop.run { loop.server?.openConnections == [0] }
        #expect(loop.phones == [])
        #expect(loop.sensor.nextDeadline == nil)
    }

    @Test func bootingPhone_isNotReady_untilItHasBooted() throws {
        var boot = ""
        let loop = try loop(requireBootCompleted: true) {
            Self.answer($0, list: line("A", "device", number: 3), boot: boot)
        }
        try loop.run { loop.phones?.first?.verdict == .notReady(.notBooted) }
        boot = "1"
        loop.skipToDeadline()
        try loop.run { loop.phones?.first?.verdict == .ready }
        let verdicts = loop.reports.compactMap { report in
            if case .phones(let phones) = report { phones.first?.verdict } else { nil }
        }
        #expect(verdicts == [.unknown, .notReady(.notBooted), .ready])
    }

    /// Its cable is in, and the server lists it as before.
    @Test func phoneThatDied_isOffline_untilItAnswers() throws {
        var hanging: Set<String> = []
        let loop = try loop(liveness: .seconds(10)) {
            Self.answer($0, list: line("A", "device", number: 3), hanging: hanging)
        }
        try loop.run { loop.phones?.first?.facts != nil }
        hanging = ["3"]
        loop.skip(.seconds(10))
        try loop.run { loop.questions == 2 }
        loop.skip(.seconds(5))
        try loop.run { loop.sensor.totals.unanswered == 1 }
        #expect(loop.phones?.first?.verdict == .ready)
        loop.skip(.seconds(1))
        try loop.run { loop.questions == 3 }
        loop.skip(.seconds(5))
        try loop.run { loop.phones?.first?.verdict == .notReady(.adbOffline) }
        #expect(loop.phones?.first?.facts?.model == "Model 3")
        hanging = []
        loop.skip(.seconds(2))
        try loop.run { loop.phones?.first?.verdict == .ready }
        #expect(loop.losses == 0)
    }

    @Test func phoneThatIsUsed_isLeftAlone_andAskedAtOnceAfter() throws {
        let loop = try loop(liveness: .seconds(10)) { Self.answer($0, list: line("A", "device", number: 3)) }
        try loop.run { loop.phones?.first?.facts != nil }
        loop.sensor.leaveAlone(Set(loop.phones?.map(\.identity) ?? []))
        loop.skip(.seconds(20))
        try loop.turn()
        #expect(try #require(loop.sensor.nextDeadline) > loop.now)
        loop.sensor.leaveAlone([])
        #expect(try #require(loop.sensor.nextDeadline) <= loop.now)
        try loop.run { loop.questions == 2 }
    }

    /// The loss of a server is the loss of no phone, though it takes longer to be seen than two questions do.
    @Test func serverThatHangs_isNoPhonesSilence() throws {
        var hangs = false
        let loop = try loop(liveness: .seconds(10)) {
            hangs ? .silence : Self.answer($0, list: line("A", "device", number: 3))
        }
        try loop.run { loop.phones?.first?.facts != nil }
        hangs = true
        for _ in 0..<100 where loop.losses == 0 {
            loop.skipToDeadline()
            try loop.turn()
        }
        #expect(loop.losses == 1)
        #expect(loop.sensor.totals.unanswered > 2)
        #expect(loop.phones?.first?.verdict == .ready)
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func localhost_isFound_onEitherFamily(_ host: String) throws {
        let server = try ScriptedADBServer(at: host) { Self.answer($0, list: line("A", "device", number: 3)) }
        let sensor = try ADBSensor(server: "localhost:\(server.port)", requireBootCompleted: false, liveness: nil)
        let loop = SensorLoop(sensor, server)
        try loop.run { loop.phones?.first?.facts != nil }
        #expect(loop.losses == 0)
    }

    @Test(arguments: [
        "adb.example.com:5037", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:5037", "[::1]", ":5037",
        "[127.0.0.1:5037",
    ])
    func serverWithoutANumericAddress_isRefused(_ server: String) {
        #expect(throws: ADBSensorError.notNumeric(server)) {
            try ADBSensor(server: server, requireBootCompleted: false, liveness: nil)
        }
    }

    @Test(arguments: ["127.0.0.1:5037", "[::1]:5037", "localhost:5037", "LOCALHOST:1", "10.0.0.7:65535"])
    func serverWithANumericAddress_isTaken(_ server: String) throws {
        let sensor = try ADBSensor(server: server, requireBootCompleted: false, liveness: nil)
        #expect(sensor.source == .adb(server: server))
    }
}

extension SensorLoop {
    /// Questions that the server was to put to its phones.
    fileprivate var questions: Int { server?.requests.count { $0.text.hasPrefix("shell:") } ?? 0 }
}
