import ControlAPI
import Core
import Testing

@testable import Agent

@Suite struct EventFeedTests {
    func event(_ number: Int64) -> RecordedEvent {
        RecordedEvent(
            event: StatusEvent(
                number: EventNumber(number), device: UDID("a"), name: "Pixel", group: .local, previous: nil,
                status: .online, reason: nil, isSilent: false, platform: .android, port: nil),
            at: WallTime(milliseconds: 0))
    }

    @Test func everyReader_GetsEveryEvent_InOrder() async {
        let feed = EventFeed()
        let readers = [feed.subscribe(limit: 10), feed.subscribe(limit: 10)]
        feed.publish([event(1), event(2)])
        feed.publish([event(3)])
        feed.finish()
        for reader in readers {
            var numbers: [Int64] = []
            for await event in reader.events { numbers.append(event.number) }
            #expect(numbers == [1, 2, 3])
            #expect(!reader.wasCutOff())
        }
        #expect(feed.count == 0)
    }

    @Test func slowReader_IsCutOff_AfterWhatItStillCanHave_AndOthersAreNot() async {
        let feed = EventFeed()
        let slow = feed.subscribe(limit: 2)
        let other = feed.subscribe(limit: 10)
        feed.publish((1...4).map(event))
        #expect(slow.wasCutOff())
        #expect(!other.wasCutOff())
        #expect(feed.count == 1)
        var numbers: [Int64] = []
        for await event in slow.events { numbers.append(event.number) }
        #expect(numbers == [1, 2], "no hole in what it got")
    }

    @Test func readerThatLeaves_IsForgotten() async {
        let feed = EventFeed()
        do {
            let subscription = feed.subscribe(limit: 1)
            #expect(feed.count == 1)
            _ = subscription
        }
        #expect(feed.count == 0)
    }
}
