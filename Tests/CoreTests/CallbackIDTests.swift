import Core
import TestSupport
import Testing

@Suite struct CallbackIDTests {
    @Test func id_IsThePrefixAnd27Digits_EachTimeAnother() throws {
        var random = SeededGenerator(seed: 7)
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let id = CallbackID(using: &random)
            #expect(id.description.wholeMatch(of: /msg_[0-9A-Za-z]{27}/) != nil)
            // As it comes back from the disk.
            #expect(CallbackID(id.description) == id)
            seen.insert(id.description)
        }
        #expect(seen.count == 1000)
    }

    @Test(arguments: [
        "msg_000000000000000000000000000", "msg_zzzzzzzzzzzzzzzzzzzzzzzzzzz", "msg_0123456789ABCDEFGHIJKLMNOPQ",
        "", "msg_", "evt_000000000000000000000000000", "msg_00000000000000000000000000-",
        "msg_0000000000000000000000000000",
        "a",
    ])
    func text_StaysAsItIs(text: String) {
        #expect(CallbackID(text).description == text)
    }
}
