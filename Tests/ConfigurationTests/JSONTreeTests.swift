import PlughookConfiguration
import Testing

struct JSONTreeTests {
    private func parse(_ text: String) throws -> JSONTree { try JSONTree(parsing: Array(text.utf8)) }

    private func integer(_ text: String) throws -> Int64? {
        guard case .number(let number) = try parse(text).root.value else { return nil }
        #expect(number.text == text)
        return number.integer
    }

    private func finding(_ bytes: [UInt8]) -> Finding? {
        do {
            _ = try JSONTree(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "{}", " [ ] ", "null", "true", "-0", "0.5", "1e9", "1E-9", "[1,2,[3]]", #""\u00e9\ud83d\ude00\/""#,
        "\u{FEFF}{}",
        "\t\r\n {\"a\": {\"b\": [false]}}\n", "\"\u{10FFFF}\u{7F}\"", #"{"": 0}"#,
    ])
    func parsing_succeeds_whenDocumentIsValid(_ text: String) throws {
        _ = try parse(text)
    }

    @Test(arguments: [
        "", " ", "\u{FEFF}", "{", "[", "[1", "[1,]", "[,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a" 1}"#,
        "{a:1}",
        "[1 2]", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10", "NaN", "tru", "nul", "Infinity", "'a'", "\"a",
        "\"\n\"",
        #""\x""#, #""\u12""#, #""\u+123""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\n""#, "{} {}",
        "[]]",
        "// a\n{}", "[\u{A0}]", "\u{FEFF}\u{FEFF}{}", "\"\u{1F}\"", "\"\\", "\"\\u", "[-a]",
    ])
    func parsing_fails_whenDocumentIsMalformed(_ text: String) {
        #expect(finding(Array(text.utf8)) != nil)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xFF],
        ] as [[UInt8]])
    func parsing_failsAtTheByte_whenTextIsNotUTF8(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(finding([quote, quote - 1] + bytes + [quote])?.offset == 2)
    }

    @Test func members_knowTheirBytes_whenParsed() throws {
        let text = #"{ "é\n" : [10, "x"] }"#
        let tree = try parse(text)
        guard case .object(let members) = tree.root.value, let member = members.first,
            case .array(let elements) = member.node.value
        else {
            Issue.record("no object with a list")
            return
        }
        func slice(_ range: Range<Int>) -> String { String(decoding: tree.source[range], as: UTF8.self) }
        #expect(member.key == "é\n")
        #expect(slice(tree.root.range) == text)
        #expect(slice(member.keyRange) == #""é\n""#)
        #expect(slice(member.node.range) == #"[10, "x"]"#)
        #expect(elements.map { slice($0.range) } == ["10", #""x""#])
    }

    @Test func text_isDecoded_whenEscaped() throws {
        guard case .string(let text) = try parse(#""\"\\\/\b\f\n\r\t\u00E9\ud83D\uDE00""#).root.value else {
            Issue.record("no text")
            return
        }
        #expect(text == "\"\\/\u{8}\u{C}\n\r\té😀")
    }

    @Test func duplicates_areTold_whenKeysDifferOnlyInSpelling() throws {
        let tree = try parse(#"{"a": 1, "b": {"c": 1, "\u0063": 2}, "a": 3, "é": 0, "e\u0301": 0}"#)
        #expect(tree.duplicates.map(\.pointer.description) == ["/b/c", "/a"])
    }

    @Test func parsing_fails_whenNestedTooDeeply() {
        #expect(
            finding(Array(repeating: UInt8(ascii: "["), count: 64) + Array(repeating: UInt8(ascii: "]"), count: 64))
                == nil)
        #expect(finding(Array(repeatElement("[", count: 1_000_000).joined().utf8))?.offset == 64)
        #expect(finding(Array(repeatElement("{\"a\":", count: 500_000).joined().utf8))?.offset == 64 * 5)
    }

    @Test func parsing_fails_whenDocumentIsTooLarge() {
        let limit = 4 << 20
        #expect(finding(Array(repeating: 0x20, count: limit - 2) + Array("{}".utf8)) == nil)
        #expect(finding(Array(repeating: 0x20, count: limit - 1) + Array("{}".utf8)) != nil)
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("0e999999999999999999999", 0), ("1000.0", 1000), ("1e3", 1000), ("12.50e1", 125),
        ("100e-2", 1), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
        ("9007199254740993", 9_007_199_254_740_993), ("0.1e1", 1), ("922337203685477580.7e1", Int64.max),
    ])
    func integer_isExact_whenNumberIsWhole(_ text: String, _ value: Int64) throws {
        #expect(try integer(text) == value)
    }

    @Test(arguments: [
        "0.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999999",
        "1e-999999999999999999999", "123456789012345678901234567890",
    ])
    func integer_isNil_whenNumberIsNotWholeOrTooLarge(_ text: String) throws {
        #expect(try integer(text) == nil)
    }
}
