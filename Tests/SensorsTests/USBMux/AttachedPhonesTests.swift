import Core
import Testing

@testable import Sensors

struct AttachedPhonesTests {
    private var phones = AttachedPhones()
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)
    private let source = SensorSource.usbmuxd(socket: "/run/usbmuxd")

    private mutating func attach(_ ids: ClosedRange<Int>) {
        for id in ids { _ = phones.attached(MuxDevice(id: id, serial: "S\(id)")) }
    }

    private mutating func conclude(_ id: Int, _ verdict: Verdict, isSilent: Bool = false, at now: MonotonicTime) {
        phones.concluded(id, Inquiry.Conclusion(verdict: verdict, isSilent: isSilent), at: now, spread: 1)
    }

    private mutating func claim(at now: MonotonicTime) -> Int? { phones.claim(at: now)?.id }

    @Test mutating func serial_comesOutDashed_andPlaceIsBusAndDevice() {
        _ = phones.attached(MuxDevice(id: 1, serial: "00008110000a1b2c3d4e5f60", location: 2 << 16 | 17))
        _ = phones.attached(MuxDevice(id: 2, serial: "CE0917198075440C057ECE0917198075440C057E"))
        _ = phones.attached(MuxDevice(id: 3, serial: "odd\u{1b}[0m", location: -1))
        let sensed = phones.sensed(by: source)
        #expect(
            sensed.map(\.serial)
                == ["00008110-000A1B2C3D4E5F60", "ce0917198075440c057ece0917198075440c057e", "odd\\u{1b}[0m"])
        #expect(sensed.map(\.place) == [.bus(2, device: 17), nil, nil])
        #expect(sensed.allSatisfy { $0.verdict == .unknown && $0.facts == nil })
    }

    @Test mutating func networkEntries_areIgnored_soIsTheirEnd() {
        attach(1...1)
        let isKept = phones.attached(MuxDevice(id: 2, serial: "S1", isUSB: false))
        phones.detached(2)
        phones.detached(99)
        #expect(isKept && phones.sensed(by: source).count == 1)
    }

    @Test mutating func id_isAnotherPhone_whenItIsGivenAgain() {
        attach(1...1)
        _ = phones.claim(at: start)
        let isKept = phones.attached(MuxDevice(id: 1, serial: "S1"))
        let isKeptToo = phones.attached(MuxDevice(id: 1, serial: "T"))
        #expect(isKept && !isKeptToo)
        #expect(phones.sensed(by: source).map(\.serial) == ["T"])
        // The inquiry was into the one that is gone.
        conclude(1, .ready, at: start)
        #expect(phones.sensed(by: source).map(\.verdict) == [.unknown])
        let next = phones.claim(at: start)
        #expect(next?.serial == "T")
    }

    @Test mutating func hurry_asksOneAlone_whoseStateWasSettled_inAnySpellingOfItsName() {
        _ = phones.attached(MuxDevice(id: 1, serial: "00008110000A1B2C3D4E5F60"))
        attach(2...2)
        for _ in 1...2 { _ = phones.claim(at: start) }
        for id in 1...2 { conclude(id, .ready, at: start) }
        #expect(phones.deadline == nil)
        phones.hurry(UDID("00008110-000A1B2C3D4E5F60"), at: start)
        let asked = [claim(at: start), claim(at: start)]
        #expect(asked == [1, nil])
        // Asked already: once more when that has come to its end.
        phones.hurry(UDID("00008110-000A1B2C3D4E5F60"), at: start)
        conclude(1, .ready, at: start)
        let again = claim(at: start)
        #expect(again == 1)
        phones.hurry(UDID("elsewhere"), at: start)
        let other = claim(at: start)
        #expect(other == nil)
    }

    @Test mutating func phones_areBounded() {
        attach(1...1000)
        #expect(phones.sensed(by: source).count == AttachedPhones.most)
    }

    @Test mutating func fourAreAsked_atTheSameTime_inTheirOrder() {
        attach(1...6)
        var asked: [Int?] = []
        for _ in 1...5 { asked.append(claim(at: start)) }
        #expect(asked == [1, 2, 3, 4, nil] && phones.deadline == nil)
        conclude(3, .ready, at: start)
        let next = claim(at: start)
        #expect(next == 5)
    }

    @Test mutating func silentPhones_leaveRoomForOthers() {
        attach(1...4)
        for id in 1...4 {
            _ = phones.claim(at: start)
            conclude(id, .unknown, isSilent: true, at: start)
        }
        let later = start + .seconds(60)
        let asked = [claim(at: later), claim(at: later), claim(at: later)]
        #expect(asked[0] != nil && asked[1] != nil && asked[2] == nil)
        attach(5...6)
        let others = [claim(at: later), claim(at: later)]
        #expect(others == [5, 6])
    }

    @Test mutating func phoneIsAskedAgain_moreAndMoreSeldom_whileItIsNotReady() {
        attach(1...1)
        var now = start
        var waits: [Duration] = []
        for _ in 0..<7 {
            _ = phones.claim(at: now)
            conclude(1, .notReady(.untrusted), at: now)
            let due = phones.deadline ?? now
            waits.append(due - now)
            let early = claim(at: now)
            #expect(early == nil)
            now = due
        }
        #expect(waits == [2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        _ = phones.claim(at: now)
        conclude(1, .ready, at: now)
        #expect(phones.deadline == nil)
    }

    @Test mutating func paired_asksAtOnce_andAgainIfItWasBeingAsked() {
        attach(1...1)
        _ = phones.claim(at: start)
        // The record may have been read before it was written.
        phones.paired(1, at: start)
        conclude(1, .notReady(.untrusted), at: start)
        let second = claim(at: start)
        conclude(1, .ready, at: start)
        phones.paired(1, at: start)
        phones.paired(99, at: start)
        let third = claim(at: start)
        #expect([second, third] == [1, 1])
        // Until the answer is there, what was said before stands.
        #expect(phones.sensed(by: source).map(\.verdict) == [.ready])
    }

    @Test mutating func facts_stay_whenTheyAreNotToldAgain() {
        attach(1...1)
        _ = phones.claim(at: start)
        let facts = PhoneFacts(name: "Anna", model: "iPhone14,5")
        phones.concluded(1, .init(verdict: .notReady(.locked), facts: facts), at: start, spread: 0)
        _ = phones.claim(at: start + .seconds(2))
        phones.concluded(
            1, .init(verdict: .unknown, facts: PhoneFacts(osVersion: "18.1")), at: start + .seconds(2), spread: 0)
        #expect(
            phones.sensed(by: source).first?.facts == PhoneFacts(name: "Anna", model: "iPhone14,5", osVersion: "18.1"))
    }
}
