import Core
import Testing

@testable import Sensors

struct InquiryTests {
    private let device = MuxDevice(id: 3, serial: "0000811000A1B2C3D4E5F60")

    private func record(_ content: String) -> MuxMessage {
        .pairRecord(Array("<plist version=\"1.0\"><dict>\(content)</dict></plist>".utf8))
    }

    private var fullRecord: MuxMessage {
        record("<key>HostID</key><string>H</string><key>SystemBUID</key><string>S</string>")
    }

    /// Up to the answer that decides; `record` is what usbmuxd has said of the pair record.
    private func asked(_ record: MuxMessage) -> (Inquiry, Inquiry.Action) {
        var inquiry = Inquiry(device)
        #expect(inquiry.first == .ask(.readPairRecord(serial: device.serial)))
        #expect(inquiry.muxSaid(record) == .ask(.connect(id: 3, port: 62078)))
        #expect(inquiry.muxSaid(.result(0)) == .tell(.queryType))
        #expect(
            inquiry.phoneSaid(LockdownAnswer(type: "com.apple.mobile.lockdown")) == .tell(.getValue(.deviceName)))
        #expect(inquiry.phoneSaid(LockdownAnswer(value: "Anna\u{202e}'s iPhone")) == .tell(.getValue(.productType)))
        #expect(inquiry.phoneSaid(LockdownAnswer(value: "iPhone14,5")) == .tell(.getValue(.productVersion)))
        let last = inquiry.phoneSaid(LockdownAnswer(value: "17.5.1"))
        return (inquiry, last)
    }

    private let facts = PhoneFacts(name: "Anna\\u{202e}'s iPhone", model: "iPhone14,5", osVersion: "17.5.1")

    private func conclusion(_ action: Inquiry.Action) -> Inquiry.Conclusion? {
        if case .conclude(let conclusion) = action { conclusion } else { nil }
    }

    @Test(
        arguments: [
            (nil, .ready), ("InvalidHostID", .notReady(.untrusted)), ("UserDeniedPairing", .notReady(.untrusted)),
            ("PairingDialogResponsePending", .notReady(.untrusted)), ("PasswordProtected", .notReady(.locked)),
            ("SomethingOfTomorrow", .unknown),
        ] as [(String?, Verdict)])
    func verdict_isThePhonesWord_whenThereIsARecord(error: String?, verdict: Verdict) {
        var (inquiry, action) = asked(fullRecord)
        #expect(action == .tell(.startSession(hostID: "H", systemBUID: "S")))
        action = inquiry.phoneSaid(LockdownAnswer(error: error))
        #expect(conclusion(action) == Inquiry.Conclusion(verdict: verdict, facts: facts))
        // Whatever comes now is late.
        #expect(inquiry.phoneSaid(LockdownAnswer()) == .none)
        #expect(inquiry.failed() == .none)
    }

    @Test func phone_isUntrusted_whenThereIsNoRecordOrADamagedOne() {
        for word in [.result(2), record(""), .pairRecord([1, 2, 3])] {
            let (_, action) = asked(word)
            #expect(conclusion(action) == Inquiry.Conclusion(verdict: .notReady(.untrusted), facts: facts))
        }
    }

    @Test func hostsIdentity_isAskedFor_whenTheRecordLacksIt() {
        var inquiry = Inquiry(device)
        #expect(inquiry.muxSaid(record("<key>HostID</key><string>H</string>")) == .ask(.readBUID))
        #expect(inquiry.muxSaid(.buid("B")) == .ask(.connect(id: 3, port: 62078)))
    }

    @Test func facts_areWhatWasTold_whenAKeyIsRefusedOrTheSessionHangs() {
        var inquiry = Inquiry(device)
        _ = inquiry.muxSaid(fullRecord)
        _ = inquiry.muxSaid(.result(0))
        _ = inquiry.phoneSaid(LockdownAnswer(type: "com.apple.mobile.lockdown"))
        _ = inquiry.phoneSaid(LockdownAnswer(error: "MissingValue"))
        _ = inquiry.phoneSaid(LockdownAnswer(value: "iPhone14,5"))
        let end = inquiry.failed(isSilent: true)
        let expected = Inquiry.Conclusion(verdict: .unknown, facts: PhoneFacts(model: "iPhone14,5"), isSilent: true)
        #expect(conclusion(end) == expected)
    }

    @Test func phone_isRestoring_whenItSaysSo() {
        var inquiry = Inquiry(device)
        _ = inquiry.muxSaid(fullRecord)
        _ = inquiry.muxSaid(.result(0))
        let end = inquiry.phoneSaid(LockdownAnswer(type: "com.apple.mobile.restored"))
        #expect(conclusion(end)?.verdict == .notReady(.restore))
    }

    @Test func failure_isUnknown_unlessTrustCannotBe() {
        var early = Inquiry(device)
        #expect(conclusion(early.failed())?.verdict == .unknown)
        var refused = Inquiry(device)
        _ = refused.muxSaid(fullRecord)
        #expect(conclusion(refused.muxSaid(.result(3)))?.verdict == .unknown)
        var without = Inquiry(device)
        _ = without.muxSaid(.result(2))
        #expect(conclusion(without.failed())?.verdict == .notReady(.untrusted))
        var unreadable = Inquiry(device)
        #expect(conclusion(unreadable.muxSaid(.result(13)))?.verdict == .unknown)
        // Nobody asked for this.
        var unasked = Inquiry(device)
        #expect(conclusion(unasked.muxSaid(.attached(device)))?.verdict == .unknown)
        var tooEarly = Inquiry(device)
        #expect(conclusion(tooEarly.phoneSaid(LockdownAnswer()))?.verdict == .unknown)
    }
}
