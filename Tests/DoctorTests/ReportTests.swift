import Glibc
import Testing

@testable import Doctor

@Suite struct ReportTests {
    private let fine = Diagnosis.ok(.usb, "fine")
    private let doubtful = Diagnosis.warning(.clock, "late", mend: "wind it")
    private let faulty = Diagnosis.problem(.config, "wrong", mend: "right")
    private let broken = Diagnosis.problem(.receiver, "gone", mend: "start it")

    @Test func exitCode_TellsWhatKindOfProblemThereIs() {
        #expect(Report([fine, doubtful, .skipped(.adb, "no")]).exitCode == 0)
        #expect(Report([fine, faulty, faulty]).exitCode == EX_CONFIG)
        #expect(Report([faulty, broken]).exitCode == EX_UNAVAILABLE)
        #expect(Report([broken]).exitCode == EX_UNAVAILABLE)
        #expect(!Report([faulty]).isHealthy && Report([doubtful]).isHealthy)
    }

    @Test func text_IsAligned_WithTheMendBelow() {
        #expect(
            Report([fine, doubtful, broken]).text(isColoured: false) == """
                ok       usb       fine
                warning  clock     late
                                   mend: wind it
                problem  receiver  gone
                                   mend: start it

                1 problem, 1 warning.

                """)
        #expect(Report([fine]).text(isColoured: false).hasSuffix("\nNothing is wrong.\n"))
    }

    @Test func colours_AreAroundTheMarkAlone() {
        let text = Report([broken]).text(isColoured: true)
        #expect(text.hasPrefix("\u{1B}[1;31mproblem\u{1B}[0m  receiver  gone\n"))
        #expect(text.count { $0 == "\u{1B}" } == 2)
    }

    @Test func json_HasAllFourTextsForEach() {
        #expect(
            Report([fine, broken]).json == """
                {
                  "healthy": false,
                  "checks": [{
                      "id": "usb",
                      "verdict": "ok",
                      "found": "fine",
                      "mend": ""
                    }, {
                      "id": "receiver",
                      "verdict": "problem",
                      "found": "gone",
                      "mend": "start it"
                    }]
                }

                """)
    }

    @Test func hostileText_IsEscapedWhereverItIsShown() {
        let diagnosis = Diagnosis.problem(.config, "\u{1B}[2J\u{202E}", mend: "\u{9B}1m")
        let report = Report([diagnosis])
        for text in [report.text(isColoured: false), report.json] {
            #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{202E}", "\u{9B}"].contains($0) })
        }
    }

    @Test func commands_TakeAnyPathAsOneWord() {
        #expect("/var/lib/plughook".shellWord == "/var/lib/plughook")
        #expect("/a b".shellWord == "'/a b'")
        #expect("/a';reboot;'".shellWord == #"'/a'\'';reboot;'\'''"#)
        #expect("".shellWord == "''")
    }

    @Test func bytes() {
        #expect((208 << 10).bytesText == "208 KiB")
        #expect((64 << 20).bytesText == "64 MiB")
        #expect((3 << 29).bytesText == "1.5 GiB")
        #expect(Int.max.bytesText.hasSuffix(" GiB"))
    }
}
