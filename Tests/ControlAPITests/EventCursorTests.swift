import Testing

@testable import ControlAPI

@Suite struct EventCursorTests {
    private func told(_ frames: [EventCursor.Frame]) -> [String] {
        frames.map { frame in
            switch frame {
            case .event(let event): "\(event.number)"
            case .gap(let gap): "gap \(gap.first)-\(gap.last)"
            }
        }
    }

    private func feed(_ cursor: inout EventCursor, _ numbers: Int64...) -> [String] {
        told(numbers.flatMap { cursor.comes(.sample($0)) })
    }

    @Test func newReader_BeginsWithWhateverComes() {
        var cursor = EventCursor(resume: nil)
        #expect(feed(&cursor, 41, 42) == ["41", "42"])
    }

    @Test func historyAndLiveEventsThatOverlap_ComeOnce() {
        var cursor = EventCursor(resume: 2)
        #expect(cursor.historyHas(oldest: 1, newest: 4) == nil)
        #expect(feed(&cursor, 3, 4, 3, 4, 5) == ["3", "4", "5"])
    }

    @Test func oneOlderThanTheHistory_IsToldWhatIsMissing() {
        var cursor = EventCursor(resume: 2)
        #expect(told([cursor.historyHas(oldest: 10, newest: 11)].compactMap(\.self)) == ["gap 3-9"])
        #expect(feed(&cursor, 10, 11) == ["10", "11"])
    }

    @Test func oneAheadOfTheHistory_IsToldSo_AndGoesOnWithWhatHappens() {
        var cursor = EventCursor(resume: 500)
        #expect(told([cursor.historyHas(oldest: 1, newest: 20)].compactMap(\.self)) == ["gap 21-500"])
        #expect(cursor.position == 20)
        #expect(feed(&cursor, 21) == ["21"])
    }

    /// All events were old enough to be forgotten: whether the reader has missed any shows with the next one.
    @Test func withoutHistory_TheNextEventTells() {
        var next = EventCursor(resume: 7)
        #expect(feed(&next, 8) == ["8"])
        var missed = EventCursor(resume: 7)
        #expect(feed(&missed, 10) == ["gap 8-9", "10"])
        var replaced = EventCursor(resume: 7)
        #expect(feed(&replaced, 1, 2) == ["gap 1-7", "1", "2"])
    }

    /// The oldest events were forgotten between two pages of a long replay.
    @Test func hole_IsTold_WhereverItOpens() {
        var cursor = EventCursor(resume: 0)
        #expect(cursor.historyHas(oldest: 1, newest: 9) == nil)
        #expect(feed(&cursor, 1, 2, 6) == ["1", "2", "gap 3-5", "6"])
    }
}
