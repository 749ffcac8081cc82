import Core
import Testing

@testable import Sensors

/// Phones that are asked now and then whether they still answer.
@Suite struct ADBLivenessTests {
    private var inquiries = ADBInquiries(requireBootCompleted: false, liveness: .seconds(60))
    private let phones = (0..<8).map { (number: Int) in entry("A\(number)", number: number) }
    private let pixel = ADBProperties(output: Array("\n\n\n\n\n\nPixel 7\n14\n1\n".utf8))
    private let booting = ADBProperties(output: Array("\n\n\n\n\n\nPixel 7\n14\n\n".utf8))
    private var phone: ADBEntry { phones[0] }

    private mutating func nextOnes(at time: Duration) -> [ADBEntry] {
        var found: [ADBEntry] = []
        while let entry = inquiries.next(at: .at(time), of: phones) { found.append(entry) }
        return found
    }

    /// Asks the phone, which is due, and has it answer.
    private mutating func answer(at time: Duration) throws {
        #expect(nextOnes(at: time) == [phone])
        inquiries.answered(phone, try #require(pixel), at: .at(time))
    }

    private mutating func fail(_ failure: ADBQuestion.Failure = .silence, at time: Duration) {
        #expect(nextOnes(at: time) == [phone])
        inquiries.failed(phone, failure, at: .at(time))
    }

    /// The phone is there, and has answered at zero.
    private mutating func begin() throws {
        inquiries.listed([phone], at: .at(.zero))
        try answer(at: .zero)
    }

    @Test mutating func oneThatAnswered_isAskedAgain_andToldAnew() throws {
        try begin()
        #expect(inquiries.nextDeadline == .at(.seconds(60)))
        #expect(nextOnes(at: .seconds(59)) == [])
        #expect(nextOnes(at: .seconds(61)) == [phone])
        let updated = ADBProperties(output: Array("\n\n\n\n\n\nPixel 7\n15\n1\n".utf8))
        inquiries.answered(phone, try #require(updated), at: .at(.seconds(62)))
        #expect(inquiries.facts(of: phone)?.osVersion == "15")
        #expect(inquiries.nextDeadline == .at(.seconds(122)))
    }

    @Test mutating func secondSilence_isOffline_andAnAnswerEndsIt() throws {
        try begin()
        fail(at: .seconds(60))
        #expect(inquiries.verdict(of: phone) == .ready)
        fail(at: .seconds(61))
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
        #expect(inquiries.facts(of: phone)?.model == "Pixel 7")
        // It is asked on, however long it is dead.
        var waits: [Duration] = []
        var time = Duration.seconds(61)
        for _ in 0..<4 {
            let due = try #require(inquiries.nextDeadline) - .at(.zero)
            waits.append(due - time)
            time = due
            fail(at: time)
        }
        #expect(waits == [2, 4, 5, 5].map { .seconds($0) })
        try answer(at: time + .seconds(5))
        #expect(inquiries.verdict(of: phone) == .ready)
        #expect(inquiries.nextDeadline == .at(time + .seconds(65)))
    }

    @Test mutating func silences_areNotInARow_whenAnAnswerIsBetween() throws {
        try begin()
        for minute in 1..<6 {
            fail(at: .seconds(100 * minute))
            try answer(at: .seconds(100 * minute + 1))
            #expect(inquiries.verdict(of: phone) == .ready)
        }
    }

    @Test mutating func oneThatNeverAnswered_isOffline_andAskedOn() {
        inquiries.listed([phone], at: .at(.zero))
        fail(at: .zero)
        #expect(inquiries.verdict(of: phone) == .ready)
        for second in 1..<10 { fail(at: .seconds(10 * second)) }
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
        #expect(inquiries.nextDeadline == .at(.seconds(95)))
    }

    /// The server may be in trouble, or know two phones of one serial; a phone that refuses is alive.
    @Test(arguments: [ADBQuestion.Failure.notReached, .refusal])
    mutating func failureThatIsNoSilence_isNoVerdict(_ failure: ADBQuestion.Failure) throws {
        try begin()
        var time = Duration.seconds(60)
        var waits: [Duration] = []
        for _ in 0..<5 {
            fail(failure, at: time)
            #expect(inquiries.verdict(of: phone) == .ready)
            let due = try #require(inquiries.nextDeadline) - .at(.zero)
            waits.append(due - time)
            time = due
        }
        #expect(waits == [1, 2, 60, 60, 60].map { .seconds($0) })
    }

    @Test mutating func refusal_endsSilence_andTheServersTroubleDoesNot() throws {
        try begin()
        fail(at: .seconds(60))
        fail(.notReached, at: .seconds(70))
        fail(at: .seconds(80))
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
        fail(.notReached, at: .seconds(90))
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
        fail(.refusal, at: .seconds(100))
        #expect(inquiries.verdict(of: phone) == .ready)
    }

    @Test mutating func oneThatIsUsed_isLeftAlone_andAskedAtOnceAfter() throws {
        try begin()
        inquiries.leaveAlone([phone.identity])
        // Nothing is due that would not be asked.
        #expect(inquiries.nextDeadline == nil)
        #expect(nextOnes(at: .seconds(500)) == [])
        inquiries.leaveAlone([phones[1].identity])
        #expect(try #require(inquiries.nextDeadline) <= .at(.seconds(500)))
        try answer(at: .seconds(500))
        #expect(inquiries.nextDeadline == .at(.seconds(560)))
    }

    /// A session starts while the question is under way, and keeps the phone too busy to answer.
    @Test mutating func silenceOfOneThatIsUsed_isNotCounted() throws {
        try begin()
        fail(at: .seconds(60))
        #expect(nextOnes(at: .seconds(61)) == [phone])
        inquiries.leaveAlone([phone.identity])
        inquiries.failed(phone, .silence, at: .at(.seconds(66)))
        #expect(inquiries.verdict(of: phone) == .ready)
        #expect(inquiries.nextDeadline == nil)
        inquiries.leaveAlone([])
        fail(at: .seconds(500))
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
    }

    @Test mutating func silenceThatStands_isKept_whenThePhoneIsUsed() throws {
        try begin()
        fail(at: .seconds(60))
        fail(at: .seconds(61))
        inquiries.leaveAlone([phone.identity])
        #expect(nextOnes(at: .seconds(500)) == [])
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
    }

    @Test mutating func firstQuestion_isAsked_ofOneThatIsUsed_alsoWhenItComesBack() throws {
        inquiries.leaveAlone([phone.identity])
        inquiries.listed([phone], at: .at(.zero))
        try answer(at: .zero)
        inquiries.listed([entry("A0", "offline", number: 0)], at: .at(.seconds(100)))
        inquiries.listed([phone], at: .at(.seconds(101)))
        try answer(at: .seconds(101))
        #expect(nextOnes(at: .seconds(500)) == [])
    }

    @Test mutating func bootingOne_isLookedAt_thoughItIsUsed() throws {
        inquiries = ADBInquiries(requireBootCompleted: true, liveness: .seconds(60))
        inquiries.leaveAlone([phone.identity])
        inquiries.listed([phone], at: .at(.zero))
        #expect(nextOnes(at: .zero) == [phone])
        inquiries.answered(phone, try #require(booting), at: .at(.zero))
        try answer(at: .seconds(1))
        #expect(inquiries.verdict(of: phone) == .ready)
        #expect(inquiries.nextDeadline == nil)
        inquiries.leaveAlone([])
        fail(at: .seconds(61))
        fail(at: .seconds(62))
        #expect(inquiries.verdict(of: phone) == .notReady(.adbOffline))
    }

    @Test mutating func oneThatComesBack_startsAnew() throws {
        try begin()
        fail(at: .seconds(60))
        fail(at: .seconds(61))
        inquiries.listed([entry("A0", "unauthorized", number: 0)], at: .at(.seconds(62)))
        #expect(inquiries.verdict(of: entry("A0", "unauthorized", number: 0)) == .notReady(.unauthorized))
        inquiries.listed([phone], at: .at(.seconds(63)))
        #expect(inquiries.verdict(of: phone) == .ready)
        fail(at: .seconds(63))
        #expect(inquiries.verdict(of: phone) == .ready)
    }

    /// The silence is about the time before it was away.
    @Test mutating func oneThatCameBackWhileAsked_wasNotSilent() throws {
        try begin()
        fail(at: .seconds(60))
        #expect(nextOnes(at: .seconds(61)) == [phone])
        inquiries.listed([entry("A0", "offline", number: 0)], at: .at(.seconds(62)))
        inquiries.listed([phone], at: .at(.seconds(63)))
        inquiries.failed(phone, .silence, at: .at(.seconds(66)))
        fail(at: .seconds(66))
        #expect(inquiries.verdict(of: phone) == .ready)
    }

    @Test mutating func deadOnes_delayNobody() throws {
        inquiries.listed(phones, at: .at(.zero))
        let dead = phones[..<4]
        for phone in dead { #expect(inquiries.next(at: .at(.zero), of: [phone]) == phone) }
        for phone in dead { inquiries.failed(phone, .silence, at: .at(.seconds(5))) }
        for phone in nextOnes(at: .seconds(5)) { inquiries.answered(phone, try #require(pixel), at: .at(.seconds(5))) }
        // All are due: two places stay for those that answer, who come first.
        #expect(nextOnes(at: .seconds(65)) == Array(phones[4...]))
        for phone in phones[4...] { inquiries.answered(phone, try #require(pixel), at: .at(.seconds(65))) }
        #expect(nextOnes(at: .seconds(125)).count == 4)
        for phone in phones[4...] { inquiries.answered(phone, try #require(pixel), at: .at(.seconds(125))) }
        #expect(nextOnes(at: .seconds(126)) == [phones[0], phones[1]])
        #expect(inquiries.nextDeadline == .at(.seconds(185)))
        #expect(nextOnes(at: .seconds(185)) == [phones[4], phones[5]])
    }
}
