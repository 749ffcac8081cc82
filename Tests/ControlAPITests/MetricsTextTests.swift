import Testing

@testable import ControlAPI

@Suite struct MetricsTextTests {
    @Test func text_EscapesHelpAndLabels() {
        let snapshot = MetricsSnapshot(families: [
            .init(
                "devices", "By \\ and\nby \"status\".", .gauge,
                [.init(2, [.init("status", "a\"b\\c\nd"), .init("reason", "")]), .init(0.25)]),
            .init("sent_total", "Sent.", .counter, [.init(1e15), .init(.infinity), .init(-.infinity), .init(.nan)]),
        ])
        #expect(
            snapshot.text == #"""
                # HELP plughook_devices By \\ and\nby "status".
                # TYPE plughook_devices gauge
                plughook_devices{status="a\"b\\c\nd",reason=""} 2
                plughook_devices 0.25
                # HELP plughook_sent_total Sent.
                # TYPE plughook_sent_total counter
                plughook_sent_total 1000000000000000
                plughook_sent_total +Inf
                plughook_sent_total -Inf
                plughook_sent_total NaN

                """#)
    }
}
