import Testing

@testable import PlughookConfiguration

@Suite struct LiteralTests {
    @Test func defaults_AreWrittenOut_AndReadBackAsTheSame() throws {
        let text = Configuration().literal.prettyText
        #expect(try Configuration(json: Array(text.utf8)) == Configuration())
        #expect(text.contains(#""unplugSettleMs": 1500"#))
    }

    @Test func everythingThatWasGiven_IsReadBackAsTheSame() throws {
        let given = try Configuration(json: Array(example.utf8))
        #expect(try Configuration(json: Array(given.literal.prettyText.utf8)) == given)
    }
}
