import Core
import Logging
import Testing

@testable import Agent

@Suite struct LogLineTests {
    private func line(_ metadata: Logger.Metadata, _ level: Logger.Level = .info) -> LogLine {
        LogLine(
            time: WallTime(milliseconds: 1_672_980_756_963), level: level, event: "status.online", metadata: metadata)
    }

    @Test func text_isKeysInOrder_quotedWhereNeeded() {
        let text = line(["name": "Galaxy Note 8", "device": "ce09", "empty": ""]).rendered(.text, forJournal: false)
        #expect(
            text == "2023-01-06T04:52:36.963Z level=info event=status.online device=ce09 empty=\"\" "
                + "name=\"Galaxy Note 8\"\n")
    }

    @Test(arguments: [
        "line\nbreak", "carriage\rreturn", "\u{1b}[2Jescape", "right-to-left\u{202e}override", "zero\u{200b}width",
        "separator\u{2028}x", "nul\0x", "c1\u{85}x",
    ])
    func hostileText_staysOneLine_andVisible(_ name: String) {
        for format in LogFormat.allCases {
            let text = line(["name": "\(name)"]).rendered(format, forJournal: false)
            #expect(text.hasSuffix("\n"))
            #expect(text.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x85 })
            #expect(text.contains("u{"))
        }
    }

    @Test func quotesAndBackslashes_cannotEndTheValue() {
        let text = line(["name": "a\" injected=\"b"]).rendered(.text, forJournal: false)
        #expect(text.hasSuffix("name=\"a\\\" injected=\\\"b\"\n"))
    }

    @Test(arguments: [(Logger.Level.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2)])
    func theJournal_getsThePriority_andNoTime(_ level: Logger.Level, _ priority: Int) {
        let text = line([:], level).rendered(.text, forJournal: true)
        #expect(text == "<\(priority)>event=status.online\n")
    }

    @Test func json_isOneObjectPerLine() {
        let text = line(["name": "a \"b\""]).rendered(.json, forJournal: false)
        let expected =
            #"{"time":"2023-01-06T04:52:36.963Z","level":"info","event":"status.online","name":"a \"b\""}"# + "\n"
        #expect(text == expected)
    }
}
