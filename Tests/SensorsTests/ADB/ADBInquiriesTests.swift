import Core
import Testing

@testable import Sensors

@Suite struct ADBInquiriesTests {
    private var inquiries = ADBInquiries(requireBootCompleted: false, liveness: nil)
    private let phones = (0..<8).map { (number: Int) in entry("A\(number)", number: number) }
    private let pixel = ADBProperties(output: Array("\n\n\n\n\n\nPixel 7\n14\n1\n".utf8))
    private let booting = ADBProperties(output: Array("\n\n\n\n\n\nPixel 7\n14\n\n".utf8))

    private mutating func nextOnes(at time: Duration, of list: [ADBEntry]) -> [ADBEntry] {
        var found: [ADBEntry] = []
        while let entry = inquiries.next(at: .at(time), of: list) { found.append(entry) }
        return found
    }

    @Test mutating func fourAtOnce_andEachOnce() throws {
        inquiries.listed(phones, at: .at(.zero))
        var asked = nextOnes(at: .zero, of: phones)
        #expect(asked.count == 4)
        #expect(inquiries.nextDeadline == nil)
        for phone in asked { inquiries.answered(phone, try #require(pixel), at: .at(.zero)) }
        asked += nextOnes(at: .zero, of: phones)
        #expect(Set(asked) == Set(phones))
        for phone in phones { inquiries.answered(phone, try #require(pixel), at: .at(.zero)) }
        inquiries.listed(phones, at: .at(.seconds(1)))
        #expect(inquiries.nextDeadline == nil)
        #expect(nextOnes(at: .seconds(100), of: phones) == [])
        #expect(phones.allSatisfy { inquiries.facts(of: $0)?.model == "Pixel 7" })
    }

    @Test mutating func oneThatComesBack_isAskedAgain_andKeepsItsFacts() throws {
        let away = entry("A0", "offline", number: 0)
        inquiries.listed([phones[0]], at: .at(.zero))
        _ = nextOnes(at: .zero, of: phones)
        inquiries.answered(phones[0], try #require(pixel), at: .at(.zero))
        inquiries.listed([away], at: .at(.zero))
        #expect(nextOnes(at: .zero, of: [away]) == [])
        #expect(inquiries.facts(of: away)?.model == "Pixel 7")
        inquiries.listed([phones[0]], at: .at(.zero))
        #expect(nextOnes(at: .zero, of: phones) == [phones[0]])
    }

    @Test mutating func oneThatCameBackWhileAsked_isAskedOnceMore() throws {
        inquiries.listed([phones[0]], at: .at(.zero))
        _ = nextOnes(at: .zero, of: phones)
        inquiries.listed([entry("A0", "offline", number: 0)], at: .at(.zero))
        inquiries.listed([phones[0]], at: .at(.zero))
        #expect(nextOnes(at: .zero, of: phones) == [])
        inquiries.answered(phones[0], try #require(pixel), at: .at(.zero))
        #expect(nextOnes(at: .zero, of: phones) == [phones[0]])
    }

    @Test mutating func oneThatLeft_isForgotten() throws {
        inquiries.listed([phones[0]], at: .at(.zero))
        _ = nextOnes(at: .zero, of: phones)
        inquiries.listed([], at: .at(.zero))
        #expect(!inquiries.isAwaited(phones[0]))
        inquiries.answered(phones[0], try #require(pixel), at: .at(.zero))
        #expect(inquiries.facts(of: phones[0]) == nil)
    }

    @Test(arguments: ["unauthorized", "recovery", "authorizing", "offline"])
    mutating func oneThatIsNotUsable_isNotAsked(_ state: String) {
        let phone = entry("A", state)
        inquiries.listed([phone], at: .at(.zero))
        #expect(inquiries.nextDeadline == nil)
        #expect(nextOnes(at: .zero, of: [phone]) == [])
    }

    @Test mutating func silentOne_isTriedThreeTimes() {
        inquiries.listed([phones[0]], at: .at(.zero))
        var asked = 0
        for second in 0..<60 {
            for phone in nextOnes(at: .seconds(second), of: phones) {
                asked += 1
                inquiries.failed(phone, .silence, at: .at(.seconds(second)))
            }
        }
        #expect(asked == 3)
        #expect(inquiries.verdict(of: phones[0]) == .ready)
        #expect(inquiries.nextDeadline == nil)
    }

    @Test mutating func silentOnes_takeTwoPlacesAtMost_andComeAfterTheOthers() {
        inquiries.listed(Array(phones[0..<4]), at: .at(.zero))
        for phone in nextOnes(at: .zero, of: phones) { inquiries.failed(phone, .silence, at: .at(.seconds(5))) }
        #expect(nextOnes(at: .seconds(10), of: phones).count == 2)
        inquiries.listed(phones, at: .at(.seconds(10)))
        #expect(nextOnes(at: .seconds(10), of: phones) == [phones[4], phones[5]])
    }

    @Test mutating func bootingOne_isLookedAt_untilItHasBooted() throws {
        inquiries = ADBInquiries(requireBootCompleted: true, liveness: nil)
        let phone = phones[0]
        inquiries.listed([phone], at: .at(.zero))
        #expect(inquiries.verdict(of: phone) == .unknown)
        var waits: [Duration] = []
        var time = Duration.zero
        for _ in 0..<6 {
            #expect(nextOnes(at: time, of: phones) == [phone])
            inquiries.answered(phone, try #require(booting), at: .at(time))
            #expect(inquiries.verdict(of: phone) == .notReady(.notBooted))
            let due = try #require(inquiries.nextDeadline) - .at(.zero)
            waits.append(due - time)
            time = due
        }
        #expect(waits == [1, 2, 4, 5, 5, 5].map { .seconds($0) })
        #expect(nextOnes(at: time, of: phones) == [phone])
        inquiries.answered(phone, try #require(pixel), at: .at(time))
        #expect(inquiries.verdict(of: phone) == .ready)
        #expect(inquiries.nextDeadline == nil)
    }

    @Test mutating func verdictOfOneThatDoesNotAnswer_staysUnknown_andItIsAskedOn() {
        inquiries = ADBInquiries(requireBootCompleted: true, liveness: nil)
        inquiries.listed([phones[0]], at: .at(.zero))
        for second in stride(from: 0, to: 100, by: 10) {
            for phone in nextOnes(at: .seconds(second), of: phones) {
                inquiries.failed(phone, .silence, at: .at(.seconds(second)))
            }
        }
        #expect(inquiries.verdict(of: phones[0]) == .unknown)
        #expect(inquiries.nextDeadline != nil)
        #expect(inquiries.verdict(of: entry("B", "unauthorized")) == .notReady(.unauthorized))
    }
}
