import Core
import Testing

struct JSONObjectWriterTests {
    private func written(_ text: String) -> String {
        var object = JSONObjectWriter()
        object.add("k", text)
        return String(decoding: object.finish().dropFirst(5).dropLast(1), as: UTF8.self)
    }

    @Test func object_keepsTheOrderOfItsKeys() {
        var object = JSONObjectWriter()
        object.add("b", 1)
        object.add("a", "x")
        object.add("c\"", Int64.min)
        #expect(String(decoding: object.finish(), as: UTF8.self) == #"{"b":1,"a":"x","c\"":-9223372036854775808}"#)
    }

    @Test func object_isEmpty_whenNothingWasAdded() { #expect(JSONObjectWriter().finish() == Array("{}".utf8)) }

    @Test(arguments: [
        ("", #""""#), ("\"", #""\"""#), ("\\", #""\\""#), ("\n\r\t", #""\n\r\t""#), ("/", #""/""#),
        ("\u{8}\u{c}\u{1f}", #""\u0008\u000c\u001f""#), ("\u{7f}\u{80}", "\"\u{7f}\u{80}\""),
        ("\u{2028}é漢👩‍🚀", "\"\u{2028}é漢👩‍🚀\""), ("\r\n", #""\r\n""#),
    ])
    func string_isEscaped_whereJSONDemandsIt(_ text: String, _ json: String) { #expect(written(text) == json) }

    @Test(arguments: UInt8(0)..<0x20) func controlCharacter_isEscaped(_ code: UInt8) {
        let json = written(String(UnicodeScalar(code)))
        #expect(json.utf8.allSatisfy { $0 >= 0x20 } && json.utf8.dropFirst().first == UInt8(ascii: "\\"))
    }
}
