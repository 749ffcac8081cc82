import PlughookConfiguration
import Core
import Foundation
import Testing

/// The exact bytes that come out, for each manner of writing.
struct ConfigurationEditTests {
    private static let members: [JSONLiteral.Member] = [
        .init("name", "b"), .init("url", "https://h/"), .init("events", ["online", "offline"]),
    ]

    private func edit(_ text: String) throws -> ConfigurationEdit { try ConfigurationEdit(of: Array(text.utf8)) }

    private func appended(_ text: String) throws -> String {
        let bytes = try edit(text).appending(webhook: Self.members)
        #expect(try Configuration(json: bytes).webhooks.last?.name == "b")
        return String(decoding: bytes, as: UTF8.self)
    }

    private func replaced(_ text: String, _ changes: MemberChange...) throws -> String {
        let webhook = try #require(try edit(text).configuration.webhooks.first)
        let bytes = try edit(text).replacing(changes, of: WebhookIdentity(id: webhook.id, name: webhook.name))
        return String(decoding: try #require(bytes), as: UTF8.self)
    }

    private func removed(_ text: String, _ name: String) throws -> String {
        let bytes = try #require(try edit(text).removing(WebhookIdentity(id: nil, name: name)))
        #expect(try Configuration(json: bytes).webhooks.allSatisfy { $0.name != name })
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("{}", "\n"), ("{}\n", "\n"), ("{ }", "\n"), ("{\n}\n", "\n"), ("{\r\n}\r\n", "\r\n"), ("\u{FEFF}{}", "\n"),
    ])
    func appending_writesTwoSpaces_whenFileIsEmpty(_ text: String, _ newline: String) throws {
        let lines = [
            "{", #"  "webhooks": ["#, "    {", #"      "name": "b","#, #"      "url": "https://h/","#,
            #"      "events": ["online", "offline"]"#, "    }", "  ]", "}",
        ]
        let before = text.hasPrefix("\u{FEFF}") ? "\u{FEFF}" : ""
        let after = text.utf8.last == UInt8(ascii: "\n") ? newline : ""
        #expect(try appended(text) == before + lines.joined(separator: newline) + after)
    }

    @Test(arguments: [
        (
            #"{"orgId": 1}"#,
            #"{"orgId": 1, "webhooks": [{"name": "b", "url": "https://h/", "events": ["online", "offline"]}]}"#
        ),
        (#"{"orgId":1}"#, #"{"orgId":1,"webhooks":[{"name":"b","url":"https://h/","events":["online","offline"]}]}"#),
        (
            #"{ "webhooks": [ ] }"#,
            #"{ "webhooks": [{"name": "b", "url": "https://h/", "events": ["online", "offline"]}] }"#
        ),
        (
            #"{"webhooks":[{"name":"a","url":"http://a/","events":["online"]}],"orgId":1}"#,
            #"{"webhooks":[{"name":"a","url":"http://a/","events":["online"]},"#
                + #"{"name":"b","url":"https://h/","events":["online","offline"]}],"orgId":1}"#
        ),
        (
            #"{"webhooks": [ { "name": "a", "url": "http://a/", "events": ["online"] } ]}"#,
            #"{"webhooks": [ { "name": "a", "url": "http://a/", "events": ["online"] }, "#
                + #"{ "name": "b", "url": "https://h/", "events": ["online", "offline"] } ]}"#
        ),
    ])
    func appending_staysOnOneLine_whenFileIsOne(_ text: String, _ expected: String) throws {
        #expect(try appended(text) == expected)
    }

    @Test func appending_takesTheIndentation_whenListIsEmptyOrMissing() throws {
        let definition =
            "\n\t\t{\n\t\t\t\"name\": \"b\",\n\t\t\t\"url\": \"https://h/\",\n"
            + "\t\t\t\"events\": [\"online\", \"offline\"]\n\t\t}\n\t"
        #expect(
            try appended("{\n\t\"webhooks\": [],\n\t\"orgId\": 1\n}\n")
                == "{\n\t\"webhooks\": [\(definition)],\n\t\"orgId\": 1\n}\n")
        #expect(
            try appended("{\n\t\"orgId\": 1\n}\n")
                == "{\n\t\"orgId\": 1,\n\t\"webhooks\": [\(definition)]\n}\n")
    }

    @Test func appending_takesTheMannerOfTheLast_whenThereIsOne() throws {
        let oneEach = """
            {
              "webhooks": [
                { "name": "a", "url": "http://a/", "events": ["online"] }
              ]
            }
            """
        #expect(
            try appended(oneEach) == """
                {
                  "webhooks": [
                    { "name": "a", "url": "http://a/", "events": ["online"] },
                    { "name": "b", "url": "https://h/", "events": ["online", "offline"] }
                  ]
                }
                """)
        let hugging = """
            {"webhooks": [{
                "name" : "a",
                "url" : "http://a/", "events" : ["online"]
            }]}
            """
        #expect(
            try appended(hugging) == """
                {"webhooks": [{
                    "name" : "a",
                    "url" : "http://a/", "events" : ["online"]
                }, {
                    "name" : "b",
                    "url" : "https://h/",
                    "events" : ["online", "offline"]
                }]}
                """)
    }

    private static let three = """
        {
          "webhooks": [
            {"id": 7, "name": "a", "url": "http://a/", "events": ["online"]},
            {
              "name": "b",
              "url": "http://b/",
              "events": [
                "online"
              ],
              "enabled" :  true
            },

            {"name": "c", "url": "http://c/", "events": ["online"]}
          ],   "orgId": 1}
        """

    @Test func removing_takesCommaAndLine_whereverItIs() throws {
        let first = #"    {"id": 7, "name": "a", "url": "http://a/", "events": ["online"]},"# + "\n"
        let last = ",\n\n" + #"    {"name": "c", "url": "http://c/", "events": ["online"]}"#
        #expect(try removed(Self.three, "a") == Self.three.replacing(first, with: ""))
        #expect(try removed(Self.three, "c") == Self.three.replacing(last, with: ""))
        let onlyOne = #"{"webhooks": [ {"name": "a", "url": "http://a/", "events": ["online"]} ] }"#
        #expect(try removed(onlyOne, "a") == #"{"webhooks": [] }"#)
    }

    @Test func replacing_changesTheValueOnly_whenMemberIsThere() throws {
        #expect(
            try replaced(Self.three, .set("url", "https://new/\"\\\n"), .set("id", 8))
                == Self.three.replacing(#""id": 7"#, with: #""id": 8"#)
                .replacing("http://a/", with: #"https://new/\"\\\n"#))
    }

    @Test func replacing_keepsTheManner_whenMembersAreAddedAndTakenOut() throws {
        let webhook = WebhookIdentity(id: nil, name: "b")
        let changes: [MemberChange] = [
            .removed("url"), .set("events", ["offline", "online"]), .set("enabled", true), .set("timeoutMs", 2000),
            .removed("description"), .set("url", "https://h/"),
        ]
        let bytes = try #require(try edit(Self.three).replacing(changes, of: webhook))
        let expected = Self.three
            .replacing(#"      "url": "http://b/","# + "\n", with: "")
            .replacing("        \"online\"\n", with: "        \"offline\",\n        \"online\"\n")
            .replacing(
                "\"enabled\" :  true",
                with: """
                    "enabled" :  true,
                          "timeoutMs": 2000,
                          "url": "https://h/"
                    """)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(try Configuration(json: bytes).webhooks[1].timeout == .seconds(2))
    }

    @Test func replacing_keepsTheBytes_whenTheValueIsTheSame() throws {
        let text = #"{"webhooks": [{"name": "\u0061", "url": "http://a/", "events":[ "online" ], "timeoutMs": 2e3}]}"#
        #expect(
            try replaced(text, .set("name", "a"), .set("events", ["online"]), .set("timeoutMs", 2000)) == text)
    }

    @Test func definition_isFoundByItsNumber_andByItsNameOnlyWithoutOne() throws {
        let edit = try edit(Self.three)
        func find(_ id: Int64?, _ name: String) -> Int? {
            edit.configuration.webhooks.firstIndex(of: WebhookIdentity(id: id.map { WebhookID($0) }, name: name))
        }
        #expect(find(7, "renamed") == 0)
        #expect(find(9, "b") == 1)
        #expect(find(nil, "a") == 0)
        // The name is another webhook's now.
        #expect(find(9, "a") == nil)
        #expect(find(nil, "B") == nil)
        #expect(edit.removing(WebhookIdentity(id: WebhookID(9), name: "a")) == nil)
        #expect(edit.replacing([], of: WebhookIdentity(id: nil, name: "z")) == nil)
    }

    private func granted(_ text: String) throws -> String {
        let digest = try #require(TokenDigest(hex: String(repeating: "ab", count: 32)))
        let token = AccessToken(name: "ci", digest: digest, permissions: [.sessionManage, .deviceView])
        let bytes = try edit(text).appending(token: token)
        #expect(try Configuration(json: bytes).control.http?.tokens.last == token)
        return String(decoding: bytes, as: UTF8.self)
            .replacingOccurrences(of: String(repeating: "ab", count: 32), with: "…")
    }

    @Test(arguments: [
        ("{}", ""), ("{\n  \"orgId\": 1\n}", ","), ("{\n  \"control\": {}\n}", ""),
        ("{\n  \"control\": {\n    \"http\": {}\n  }\n}", ""),
        ("{\n  \"control\": {\n    \"http\": {\n      \"tokens\": []\n    }\n  }\n}", ""),
    ])
    func appendingToken_makesWhatIsMissingOnTheWay(_ text: String, _ separator: String) throws {
        let expected = """
            {
              "control": {
                "http": {
                  "tokens": [
                    {
                      "name": "ci",
                      "sha256": "…",
                      "permissions": ["device.view", "session.manage"]
                    }
                  ]
                }
              }
            }
            """
        let first = separator.isEmpty ? "{\n" : "{\n  \"orgId\": 1,\n"
        #expect(try granted(text) == first + expected.dropFirst(2))
    }

    @Test(arguments: [
        (
            #"{"control": {"socket": "/s"}}"#,
            #"{"control": {"socket": "/s", "http": {"tokens": [{"name": "ci", "sha256": "…", "#
                + #""permissions": ["device.view", "session.manage"]}]}}}"#
        ),
        (
            "{\n  \"control\": { \"socket\": \"/s\" }\n}",
            "{\n  \"control\": { \"socket\": \"/s\", \"http\": {\"tokens\": [{\"name\": \"ci\", "
                + "\"sha256\": \"…\", \"permissions\": [\"device.view\", \"session.manage\"]}]} }\n}"
        ),
    ])
    func appendingToken_staysOnOneLine_whereTheObjectIsOne(_ text: String, _ expected: String) throws {
        #expect(try granted(text) == expected)
    }

    @Test func removingToken_leavesTheRest_andFindsByBytes() throws {
        let tokens = ["a", "b"].enumerated().map { index, name in
            #"{"name": "\#(name)", "sha256": "\#(String(repeating: "\(index)\(index)", count: 32))", "permissions": ["device.view"]}"#
        }
        let text = #"{"control": {"http": { "tokens": [\#(tokens[0]), \#(tokens[1])] }}}"#
        let bytes = try #require(try edit(text).removing(token: "a"))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"control": {"http": { "tokens": [\#(tokens[1])] }}}"#)
        #expect(try edit(text).removing(token: "A") == nil)
        #expect(try edit("{}").removing(token: "a") == nil)
    }

    @Test(arguments: ["", "[]", "{", #"{"webhooks": null}"#, #"{"orgId": 1, "orgId": 1}"#, #"{"webhooks": [{}]}"#])
    func editing_isRefused_whenFileIsNotInForce(_ text: String) {
        #expect(throws: InvalidConfiguration.self) { try ConfigurationEdit(of: Array(text.utf8)) }
    }
}

extension String {
    /// The one occurrence replaced.
    fileprivate func replacing(_ part: String, with other: String) -> String {
        guard let range = range(of: part) else { return "there is no \(part)" }
        return replacingCharacters(in: range, with: other)
    }
}
