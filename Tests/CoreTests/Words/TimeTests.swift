import Core
import Testing

struct TimeTests {
    /// Milliseconds and the dates that GNU `date -u` gives for them.
    @Test(arguments: [
        (Int64(1_672_980_756_963), "2023-01-06T04:52:36.963Z"), (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (-86_400_000, "1969-12-31T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (1_735_689_599_999, "2024-12-31T23:59:59.999Z"), (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
        (1_740_787_200_000, "2025-03-01T00:00:00.000Z"), (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-2_203_891_201_000, "1900-02-28T23:59:59.000Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (-11_670_998_400_000, "1600-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    ])
    func wallTime_isRFC3339(_ milliseconds: Int64, _ text: String) {
        #expect(WallTime(milliseconds: milliseconds).description == text)
        #expect(WallTime(rfc3339: text) == WallTime(milliseconds: milliseconds))
    }

    /// Every day of 800 years, against the calendar's plain rules.
    @Test func wallTime_countsEveryDay() {
        var (year, month, day) = (1600, 1, 1)
        for days in Int64(-135_140)..<Int64(157_054) {
            let text = WallTime(milliseconds: days * 86_400_000).description
            let expected = [(year, 4), (month, 2), (day, 2)].map { number, width in
                String(repeating: "0", count: width - String(number).count) + String(number)
            }.joined(separator: "-")
            guard text.hasPrefix(expected), WallTime(rfc3339: text)?.milliseconds == days * 86_400_000 else {
                Issue.record("\(text) is not \(expected), or not read as it was written")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test(arguments: [Int64.min, .max]) func wallTime_hasAText_atItsExtremes(_ milliseconds: Int64) {
        #expect(WallTime(milliseconds: milliseconds).description.hasSuffix("Z"))
    }

    @Test func monotonicTime_saturates() {
        let (first, last) = (MonotonicTime(nanoseconds: .min), MonotonicTime(nanoseconds: .max))
        #expect(last + .seconds(1) == last && first + .seconds(-1) == first)
        #expect(last + .seconds(Int64.max) == last && first + .seconds(Int64.min) == first)
        #expect((last - first).wholeNanoseconds == .max && (first - last).wholeNanoseconds == .min)
    }

    @Test func monotonicTime_addsAndSubtracts() {
        let time = MonotonicTime(nanoseconds: 5) + .milliseconds(2)
        #expect(time.nanoseconds == 2_000_005)
        #expect(time - MonotonicTime(nanoseconds: 5) == .milliseconds(2))
    }

    @Test func duration_isWhole_inBothUnits() {
        #expect(Duration.milliseconds(-1_500).wholeMilliseconds == -1_500)
        #expect(Duration.seconds(3).wholeNanoseconds == 3_000_000_000)
        #expect(Duration.nanoseconds(999_999).wholeMilliseconds == 0)
    }
}
