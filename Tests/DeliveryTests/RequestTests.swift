import Core
import Testing

@testable import Delivery

@Suite struct RequestTests {
    @Test func request_HasTheHeadersOfTheContract_AndTheFrozenBody() {
        let callback = PendingCallback.example(sequence: 42).callback
        let webhook = Webhook.example(url: "https://ci.example.com/hooks/devices?key=1")
        let request = Request(
            callback, to: webhook, from: AddressRules(), version: "1.2.3", at: WallTime(milliseconds: 1_673_009_556_963)
        )
        #expect(
            request.headers == [
                "Content-Type: application/json; charset=utf-8",
                "User-Agent: plughook/1.2.3",
                "webhook-id: \(callback.id)",
                "webhook-timestamp: 1673009556",
                "plughook-sequence: 42",
            ])
        #expect(request.body == callback.content.body)
        #expect(request.url == webhook.url)
    }
}

@Suite struct PrintableTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"), ("nicht verfügbar", "nicht verfügbar"), ("", ""),
        ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"), ("a\r\nb\0", "a\\u{d}\\u{a}b\\u{0}"), ("\u{202e}cba", "\\u{202e}cba"),
        ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
    ])
    func printable_EscapesWhatATerminalWouldObey(_ text: String, _ expected: String) {
        #expect(text.printable == expected)
    }
}
